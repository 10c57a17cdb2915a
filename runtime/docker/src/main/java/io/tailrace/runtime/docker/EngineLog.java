package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What the engine has logged of one run: its file where this server may read it, because that one has every byte; else what
 * the engine reads back of it. Thread-safe.
 */
final class EngineLog {
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int NANO_DIGITS = 9;

    private final Services services;
    private final Place place;
    private final String containerId;
    private final String since;
    private final BooleanSupplier isOver;

    /**
     * The log of a run.
     *
     * @param containerId the engine's
     * @param since where the run begins, as the engine writes a time: {@code seconds.nanoseconds}; empty for the log's
     *     beginning
     * @param isOver whether the process is known to be over, asked often
     */
    EngineLog(Services services, Place place, String containerId, String since, BooleanSupplier isOver) {
        this.services = services;
        this.place = place;
        this.containerId = containerId;
        this.since = since;
        this.isOver = isOver;
    }

    /**
     * A stream from the beginning of the run on.
     *
     * @param isRaw whether there is a terminal
     * @param isFollowing whether to wait for what comes; a {@link LogFile} waits as long as the process is not over
     * @throws io.tailrace.runtime.spi.ContainerRuntimeException as the engine says
     */
    ReadableByteChannel open(String stream, boolean isRaw, boolean isFollowing) throws IOException {
        Optional<Path> file = services.engine().logFile(containerId);
        if (file.isPresent()) {
            var outlook = new LogFile.Outlook(isOver, services.events()::breaks);
            return new LogFile(file.get(), stream, sinceNanos(), outlook);
        }
        EngineClient client = services.client();
        String query = "/logs?%s=1&follow=%d%s"
                .formatted(stream, isFollowing ? 1 : 0, since.isEmpty() ? "" : "&since=" + since);
        OutputFrames frames =
                new OutputFrames(client, client.stream(place.path(query), "read the log of " + place), stream, isRaw);
        ReadableByteChannel read =
                isFollowing && client.isPodman() ? new FollowedLog(frames, () -> isUp(client)) : frames;
        return services.engine().hasWholeLines() ? read : new DoubtfulLog(read);
    }

    /** Whether it is certain that the process runs now. */
    private boolean isUp(EngineClient client) {
        try {
            return Containers.find(client, place).filter(ContainerView::isUp).isPresent();
        } catch (ContainerRuntimeException e) {
            return false;
        }
    }

    private long sinceNanos() {
        if (since.isEmpty()) {
            return 0;
        }
        String[] parts = since.split("\\.", 2);
        String nanos = parts.length < 2 ? "" : parts[1];
        return Long.parseLong(parts[0]) * NANOS_PER_SECOND
                + Long.parseLong(nanos + "0".repeat(NANO_DIGITS - nanos.length()));
    }
}
