package io.tailrace.client;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image.
 *
 * @param id {@code sha256:} and 64 hex digits
 * @param references its names, such as {@code docker.io/library/busybox:latest}
 * @param platform os/architecture[/variant]
 * @param healthCheck of containers that ask for no other; null for none
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
        Map<String, String> labels,
        @Nullable HealthCheck healthCheck) {}
