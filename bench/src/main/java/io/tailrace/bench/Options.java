package io.tailrace.bench;

/**
 * What a scenario may be told.
 *
 * @param workload of live and replay
 * @param idleFollowers how many connect in idle
 */
record Options(Workload workload, int idleFollowers) {}
