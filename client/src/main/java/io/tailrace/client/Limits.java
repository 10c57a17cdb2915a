package io.tailrace.client;

/**
 * What a container may use. 0 and empty: no limit.
 *
 * @param memorySwapBytes memory and swap together; 0: twice the memory; -1: no limit
 * @param cpuNanos units of 10^-9 processors
 * @param cpuShares weight among containers, 1024 being the usual
 * @param cpus the processors it may run on, as in {@code 0-1,3}
 * @param pids processes and threads
 */
public record Limits(long memoryBytes, long memorySwapBytes, long cpuNanos, long cpuShares, String cpus, long pids) {}
