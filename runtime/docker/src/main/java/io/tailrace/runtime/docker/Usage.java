package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ResourceUsage;
import java.time.Instant;
import java.util.Locale;

/** Reads the engine's figures about a container, under both versions of control groups. */
final class Usage {
    private static final long UNLIMITED_BYTES_MIN = 1L << 62;

    private Usage() {}

    static ResourceUsage of(JsonNode stats, long memoryLimitBytes) {
        JsonNode memory = stats.path("memory_stats");
        JsonNode detail = memory.path("stats");
        long used = memory.path("usage").asLong();
        long inactive = detail.path("total_inactive_file")
                .asLong(detail.path("inactive_file").asLong());
        long limit = memory.path("limit").asLong();
        long received = 0;
        long sent = 0;
        for (JsonNode network : stats.path("networks")) {
            received += network.path("rx_bytes").asLong();
            sent += network.path("tx_bytes").asLong();
        }
        return new ResourceUsage(
                Instant.now(),
                stats.path("cpu_stats").path("cpu_usage").path("total_usage").asLong(),
                inactive < used ? used - inactive : used,
                memoryLimitBytes == 0 || Math.max(memoryLimitBytes, limit) >= UNLIMITED_BYTES_MIN ? 0 : limit,
                stats.path("pids_stats").path("current").asLong(),
                blockBytes(stats, "read"),
                blockBytes(stats, "write"),
                received,
                sent);
    }

    private static long blockBytes(JsonNode stats, String operation) {
        long bytes = 0;
        for (JsonNode entry : stats.path("blkio_stats").path("io_service_bytes_recursive")) {
            if (entry.path("op").asText().toLowerCase(Locale.ROOT).equals(operation)) {
                bytes += entry.path("value").asLong();
            }
        }
        return bytes;
    }
}
