package io.tailrace.runtime.spi;

import java.time.Instant;

/**
 * What a container uses, all processes together. Counters grow from its start; a figure that the machine does not
 * account is 0.
 *
 * @param at when it was read
 * @param cpuNanos processor time consumed, ns
 * @param memoryBytes memory in use, without the page cache that can be dropped (as {@code docker stats} shows it)
 * @param memoryLimitBytes its limit; 0 for none
 * @param pids processes and threads
 * @param blockReadBytes read from block devices
 * @param blockWriteBytes written to block devices
 * @param networkReceivedBytes received, all interfaces but loopback
 * @param networkSentBytes sent, all interfaces but loopback
 */
public record ResourceUsage(
        Instant at,
        long cpuNanos,
        long memoryBytes,
        long memoryLimitBytes,
        long pids,
        long blockReadBytes,
        long blockWriteBytes,
        long networkReceivedBytes,
        long networkSentBytes) {}
