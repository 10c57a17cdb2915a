package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerSpec.Limits;
import org.jspecify.annotations.Nullable;

/**
 * What is to be changed of a container. Nulls leave it as it is; the values are those of {@link Limits}.
 *
 * @param restart takes the place of its policy, with the next Exit
 */
public record ContainerUpdate(
        @Nullable Long memoryBytes,
        @Nullable Long memorySwapBytes,
        @Nullable Long cpuNanos,
        @Nullable Long cpuShares,
        @Nullable String cpus,
        @Nullable Long pids,
        @Nullable RestartPolicy restart) {
    /** Whether a limit is among it. */
    boolean hasLimits() {
        return memoryBytes != null
                || memorySwapBytes != null
                || cpuNanos != null
                || cpuShares != null
                || cpus != null
                || pids != null;
    }

    /** The limits that come of it. */
    Limits over(Limits present) {
        return new Limits(
                memoryBytes == null ? present.memoryBytes() : memoryBytes,
                memorySwapBytes == null ? present.memorySwapBytes() : memorySwapBytes,
                cpuNanos == null ? present.cpuNanos() : cpuNanos,
                cpuShares == null ? present.cpuShares() : cpuShares,
                cpus == null ? present.cpus() : cpus,
                pids == null ? present.pids() : pids);
    }
}
