package io.tailrace.runtime.spi;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A container that others made, at one moment.
 *
 * @param handle by which {@link ContainerRuntime#recover} finds it
 * @param name as the runtime calls it
 * @param image as whoever made it wrote it
 * @param spec what is known of it, with its id: its process, labels and kind of network; nothing else is told here
 * @param stopSignal as a name or a number; empty if it does not say
 * @param stopGrace null if it does not say
 * @param status where its process stands
 * @param hasNewRun whether there is a run, which may be over, that {@link RuntimeContainer#prepare} has not handed over
 * @param waitsForReader whether its process waits for who reads its output, because the runtime keeps none of it
 */
public record ForeignContainer(
        String handle,
        String name,
        String image,
        ContainerSpec spec,
        String stopSignal,
        @Nullable Duration stopGrace,
        RuntimeProcess.Status status,
        boolean hasNewRun,
        boolean waitsForReader) {
    /** The runtime's id. */
    public String id() {
        return spec.id();
    }

    /** Whether its process runs, frozen or not. */
    public boolean isUp() {
        return status == RuntimeProcess.Status.RUNNING || status == RuntimeProcess.Status.PAUSED;
    }
}
