package io.tailrace.engine;

/**
 * The use of each {@link Resource} above which there is an alert: strictly above. Positive infinity: never.
 *
 * @param cpuPercent of one processor
 * @param memoryPercent of the container's limit
 */
public record Thresholds(
        double cpuPercent,
        double memoryPercent,
        double diskReadBytesPerSecond,
        double diskWriteBytesPerSecond,
        double networkReceivedBytesPerSecond,
        double networkSentBytesPerSecond) {
    /** 80 % of a processor, 85 % of the memory, 100 MiB/s of disk and 50 MiB/s of network each way. */
    public static final Thresholds DEFAULT = new Thresholds(80, 85, 100 << 20, 100 << 20, 50 << 20, 50 << 20);

    /** @throws EngineException INVALID_ARGUMENT for a number that is none, or negative */
    public Thresholds {
        check("cpu_percent", cpuPercent);
        check("memory_percent", memoryPercent);
        check("disk_read_bytes_per_second", diskReadBytesPerSecond);
        check("disk_write_bytes_per_second", diskWriteBytesPerSecond);
        check("network_received_bytes_per_second", networkReceivedBytesPerSecond);
        check("network_sent_bytes_per_second", networkSentBytesPerSecond);
    }

    private static void check(String name, double value) {
        if (!(value >= 0)) {
            throw new EngineException(
                    ErrorCode.INVALID_ARGUMENT,
                    "%s: %s (expected: 0 or more; Infinity: no alert)".formatted(name, value));
        }
    }

    double of(Resource resource) {
        return switch (resource) {
            case CPU -> cpuPercent;
            case MEMORY -> memoryPercent;
            case DISK_READ -> diskReadBytesPerSecond;
            case DISK_WRITE -> diskWriteBytesPerSecond;
            case NETWORK_RECEIVED -> networkReceivedBytesPerSecond;
            case NETWORK_SENT -> networkSentBytesPerSecond;
        };
    }
}
