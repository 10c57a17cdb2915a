package io.tailrace.client;

import java.time.Instant;

/**
 * What a container uses.
 *
 * @param cpuPercent of one processor: 200 is two busy ones
 * @param cpuNanos processor time since its start, in ns
 * @param memoryLimitBytes 0: none
 * @param pids processes and threads
 */
public record Stats(
        Instant time,
        double cpuPercent,
        long cpuNanos,
        long memoryBytes,
        long memoryLimitBytes,
        long pids,
        long blockReadBytes,
        long blockWriteBytes,
        long networkReceivedBytes,
        long networkSentBytes) {}
