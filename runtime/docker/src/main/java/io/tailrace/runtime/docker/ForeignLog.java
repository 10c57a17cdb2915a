package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import java.util.Set;

/**
 * The engine's log of a container that others made. How it is kept is theirs to choose. Thread-safe.
 *
 * @param hasTerminal whether there are no frames
 * @param isRotating whether old messages may go while new ones come
 * @param isDoubtful whether what the engine reads back may lack the line breaks of lines longer than 16 KiB
 */
record ForeignLog(EngineClient client, Place place, boolean hasTerminal, boolean isRotating, boolean isDoubtful) {
    /** Drivers that the engine reads back byte for byte: their messages have their line breaks with them. */
    private static final Set<String> WITH_BREAKS = Set.of("json-file", "journald");

    /** Drivers that can be read by themselves; of the others the engine reads a copy that it keeps, unless told not to. */
    private static final Set<String> READABLE = Set.of("json-file", "local", "journald");

    static ForeignLog of(Services services, Place place, ContainerView view) {
        JsonNode config = view.spec().path("HostConfig").path("LogConfig");
        String driver = config.path("Type").asText();
        return new ForeignLog(
                services.client(),
                place,
                view.hasTerminal(),
                !driver.equals("json-file") || config.path("Config").has("max-size"),
                !WITH_BREAKS.contains(driver) && !services.engine().hasWholeLines());
    }

    /** Whether the engine keeps nothing that can be read. */
    static boolean keepsNothing(ContainerView view) {
        JsonNode config = view.spec().path("HostConfig").path("LogConfig");
        String driver = config.path("Type").asText();
        return driver.equals("none")
                || (!READABLE.contains(driver)
                        && config.path("Config").path("cache-disabled").asBoolean());
    }

    /**
     * A stream's messages.
     *
     * @param sinceNanos of no earlier time; 0: all
     * @param untilNanos of no later time; {@link Long#MAX_VALUE}: all
     * @param isFollowing whether to wait for those to come, until the run is over
     * @throws ContainerRuntimeException as the engine says
     */
    LogMessages open(String stream, long sinceNanos, long untilNanos, boolean isFollowing) {
        String query = "/logs?%s=1&timestamps=1&follow=%d%s%s"
                .formatted(
                        stream,
                        isFollowing ? 1 : 0,
                        sinceNanos == 0 ? "" : "&since=" + LogMessages.text(sinceNanos),
                        untilNanos == Long.MAX_VALUE ? "" : "&until=" + LogMessages.text(untilNanos));
        return new LogMessages(client, client.stream(place.path(query), "read the log of " + place), hasTerminal);
    }

    /** What comes from now on, of a container whose log cannot be read. The process waits while nobody takes it. */
    OutputFrames attach(String stream) {
        return new OutputFrames(
                client,
                client.upgrade(place.path("/attach?stream=1&" + stream + "=1"), "attach " + place),
                stream,
                hasTerminal);
    }

    /** The engine's time, in nanoseconds since the epoch. */
    long now() {
        return now(client);
    }

    static long now(EngineClient client) {
        return LogMessages.nanos(ContainerView.instant(client.get("/info")
                .json("ask for the engine's time")
                .path("SystemTime")
                .asText()));
    }

    /** Whether a failure says that the driver cannot be read. */
    static boolean isUnreadable(ContainerRuntimeException e) {
        return String.valueOf(e.getMessage()).contains("does not support reading");
    }
}
