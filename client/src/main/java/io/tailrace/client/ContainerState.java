package io.tailrace.client;

import java.util.Locale;

/** Where a container or an exec stands. */
public enum ContainerState {
    /** A state that this client does not know. */
    UNKNOWN,
    /** It exists; its process was never started. */
    CREATED,
    /** Its process is being started. */
    STARTING,
    /** Its process runs. */
    RUNNING,
    /** Its processes are frozen. */
    PAUSED,
    /** Its process is gone; its output is still being recorded. */
    DRAINING,
    /** Its process is gone and everything it wrote is recorded. It is started again soon, by its restart policy. */
    RESTARTING,
    /** Its process is gone and everything it wrote is recorded. It may be started again. */
    EXITED,
    /** It is gone from the runtime; its timeline stays for the server's retention period. */
    REMOVED;

    /** The word for it in records, APIs and messages. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether its process exists and has not ended. */
    public boolean isUp() {
        return this == RUNNING || this == PAUSED;
    }

    /** Whether no process of it can run in this state. */
    public boolean isDone() {
        return this == EXITED || this == REMOVED;
    }

    static ContainerState of(String word) {
        for (var state : values()) {
            if (state.word().equals(word)) {
                return state;
            }
        }
        return UNKNOWN;
    }
}
