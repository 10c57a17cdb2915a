package io.tailrace.runtime.spi;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image in a runtime's store.
 *
 * @param id the digest of its configuration, {@code sha256:} and 64 hex digits, as in Docker
 * @param references its names, normalised
 * @param digest the digest of its manifest (or index), {@code sha256:...}
 * @param sizeBytes what its contents take in the store
 * @param createdAt as the image says; the epoch if it does not
 * @param platform {@code os/architecture[/variant]}
 * @param config what processes of it run with unless told otherwise
 */
public record Image(
        String id,
        List<String> references,
        String digest,
        long sizeBytes,
        Instant createdAt,
        String platform,
        Config config) {
    /** Copies the list. */
    public Image {
        references = List.copyOf(references);
    }

    /**
     * The part of the OCI image configuration that processes start from. Strings are empty where the image is silent.
     *
     * @param volumes paths at which a container of it has a volume
     * @param healthCheck beyond OCI, as Docker's images have it; null for none
     */
    public record Config(
            List<String> entrypoint,
            List<String> command,
            List<String> environment,
            String workingDirectory,
            String user,
            String stopSignal,
            Map<String, String> labels,
            List<String> volumes,
            @Nullable HealthCheck healthCheck) {
        /** Copies the collections. */
        public Config {
            entrypoint = List.copyOf(entrypoint);
            command = List.copyOf(command);
            environment = List.copyOf(environment);
            labels = Map.copyOf(labels);
            volumes = List.copyOf(volumes);
        }
    }
}
