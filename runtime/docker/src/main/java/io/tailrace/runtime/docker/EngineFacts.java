package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What an engine says of itself once.
 *
 * @param root where it keeps its things, on its machine
 * @param isHere whether that is this machine
 * @param hasLocalLog whether it has the log driver {@code local}
 * @param hasWholeLines whether what it reads back of a log has all line breaks
 */
record EngineFacts(Path root, boolean isHere, boolean hasLocalLog, boolean hasWholeLines) {
    /** Docker 25. Versions between it and 20.10, which lacks some, may have them as well. */
    private static final String WHOLE_LINES_SINCE = "1.44";

    /** What an engine says in answer to {@code /info}. */
    static EngineFacts of(EngineClient client, JsonNode info) {
        return new EngineFacts(
                Path.of(info.path("DockerRootDir").asText("/")),
                client.endpoint().address() instanceof UnixDomainSocketAddress,
                Json.texts(info.path("Plugins").path("Log")).contains("local"),
                client.speaks(WHOLE_LINES_SINCE));
    }

    /** The file of a container's log, if it is one that this server may read. @param containerId the engine's */
    Optional<Path> logFile(String containerId) {
        Path file = root.resolve("containers").resolve(containerId).resolve("local-logs/container.log");
        return isHere && Files.isReadable(file) ? Optional.of(file) : Optional.empty();
    }
}
