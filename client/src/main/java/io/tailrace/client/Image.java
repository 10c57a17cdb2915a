package io.tailrace.client;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * An image.
 *
 * @param id {@code sha256:} and 64 hex digits
 * @param references its names, such as {@code docker.io/library/busybox:latest}
 * @param platform os/architecture[/variant]
 */
public record Image(
        String id,
        List<String> references,
        String digest,
        long sizeBytes,
        Instant createdAt,
        String platform,
        List<String> entrypoint,
        List<String> command,
        List<String> environment,
        String workingDirectory,
        String user,
        Map<String, String> labels) {}
