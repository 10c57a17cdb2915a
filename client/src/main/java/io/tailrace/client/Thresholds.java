package io.tailrace.client;

import org.jspecify.annotations.Nullable;

/**
 * The use of each resource strictly above which a container's timeline tells an alert; positive infinity: never. In a
 * request to change them, null leaves one as it is.
 *
 * @param cpuPercent of one processor
 * @param memoryPercent of the container's limit; without a limit there is no alert
 */
public record Thresholds(
        @Nullable Double cpuPercent,
        @Nullable Double memoryPercent,
        @Nullable Double diskReadBytesPerSecond,
        @Nullable Double diskWriteBytesPerSecond,
        @Nullable Double networkReceivedBytesPerSecond,
        @Nullable Double networkSentBytesPerSecond) {
    static Thresholds of(io.tailrace.api.v1.Thresholds message) {
        return new Thresholds(
                message.getCpuPercent(),
                message.getMemoryPercent(),
                message.getDiskReadBytesPerSecond(),
                message.getDiskWriteBytesPerSecond(),
                message.getNetworkReceivedBytesPerSecond(),
                message.getNetworkSentBytesPerSecond());
    }

    io.tailrace.api.v1.Thresholds message() {
        var message = io.tailrace.api.v1.Thresholds.newBuilder();
        if (cpuPercent != null) {
            message.setCpuPercent(cpuPercent);
        }
        if (memoryPercent != null) {
            message.setMemoryPercent(memoryPercent);
        }
        if (diskReadBytesPerSecond != null) {
            message.setDiskReadBytesPerSecond(diskReadBytesPerSecond);
        }
        if (diskWriteBytesPerSecond != null) {
            message.setDiskWriteBytesPerSecond(diskWriteBytesPerSecond);
        }
        if (networkReceivedBytesPerSecond != null) {
            message.setNetworkReceivedBytesPerSecond(networkReceivedBytesPerSecond);
        }
        if (networkSentBytesPerSecond != null) {
            message.setNetworkSentBytesPerSecond(networkSentBytesPerSecond);
        }
        return message.build();
    }
}
