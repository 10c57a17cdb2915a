package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;

/**
 * Where in the engine's log a position of a stream is: behind a message. Of the messages since the beginning of the run,
 * the {@code count}-th of time {@code nanos} ends at {@code position}.
 *
 * @param position bytes of the stream, in this run
 * @param nanos the message's time, in nanoseconds since the epoch
 * @param count how many messages of the stream had this time, with this one; 0: it is no message, but the beginning
 */
record LogMark(long position, long nanos, int count) {
    private static final String SINCE = "since";

    static LogMark beginning(long sinceNanos) {
        return new LogMark(0, sinceNanos, 0);
    }

    /** The mark behind the message that follows. */
    LogMark after(LogMessages.Message message) {
        boolean isSameTime = count > 0 && message.nanos() == nanos;
        return new LogMark(position + message.data().remaining(), message.nanos(), isSameTime ? count + 1 : 1);
    }

    /** @param sinceNanos where the run begins, by which another run's marks are known */
    void write(ContainerFiles files, String stream, long sinceNanos) {
        files.write(file(stream), Map.of(SINCE, sinceNanos, "position", position, "nanos", nanos, "count", count));
    }

    /** The mark that was written for a stream of this run. */
    static Optional<LogMark> read(ContainerFiles files, String stream, long sinceNanos) {
        return files.read(file(stream))
                .filter(json -> json.path(SINCE).asLong() == sinceNanos)
                .map(LogMark::of);
    }

    private static LogMark of(JsonNode json) {
        return new LogMark(
                json.path("position").asLong(),
                json.path("nanos").asLong(),
                json.path("count").asInt());
    }

    static void remove(ContainerFiles files, String stream) {
        files.remove(file(stream));
    }

    private static String file(String stream) {
        return stream + ".json";
    }
}
