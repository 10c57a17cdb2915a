package io.tailrace.engine;

import java.util.Locale;

/** Where a container or an exec stands. The legal transitions are the table in {@link #canBecome}. */
public enum ContainerState {
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
    /** It is gone from the runtime; its timeline stays for the retention period. */
    REMOVED;

    /** The word for it in records, APIs and messages. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether its process has ended and all of it is recorded. */
    boolean isOver() {
        return isDone() || this == RESTARTING;
    }

    /** Whether no process of it can run in this state or soon after it. */
    public boolean isDone() {
        return this == EXITED || this == REMOVED;
    }

    /** Whether its process exists and has not ended. */
    public boolean isUp() {
        return this == RUNNING || this == PAUSED;
    }

    /** Whether a direct transition from this state to another is legal. */
    public boolean canBecome(ContainerState next) {
        return switch (this) {
            case CREATED -> next == STARTING || next == REMOVED;
            case STARTING -> next == RUNNING || next == DRAINING || next == RESTARTING || next == EXITED;
            case RUNNING -> next == PAUSED || next == DRAINING;
            case PAUSED -> next == RUNNING || next == DRAINING;
            case DRAINING -> next == RESTARTING || next == EXITED;
            case RESTARTING -> next == STARTING || next == EXITED;
            case EXITED -> next == STARTING || next == REMOVED;
            case REMOVED -> false;
        };
    }
}
