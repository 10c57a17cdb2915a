package io.tailrace.client;

/** What can be waited for. */
public enum WaitCondition {
    /** Not running: at once if it is not. */
    NOT_RUNNING,
    /** The next exit, even if it has exited before. */
    NEXT_EXIT,
    /** Removed. */
    REMOVED,
    /** Healthy. FAILED_PRECONDITION when it has become unhealthy or has ended, or has no health check. */
    HEALTHY
}
