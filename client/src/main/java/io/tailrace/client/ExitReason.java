package io.tailrace.client;

import java.util.Locale;

/** Why a process ended. */
public enum ExitReason {
    /** A reason that this client does not know. */
    UNKNOWN,
    /** It exited by itself. */
    EXITED,
    /** A signal ended it that no client asked for. */
    SIGNALLED,
    /** The kernel killed it for memory. */
    OUT_OF_MEMORY,
    /** Its time was up. */
    TIMED_OUT,
    /** A client stopped or killed it. */
    STOPPED,
    /** It never ran: its command could not be started. */
    START_FAILED,
    /** The runtime lost sight of it; how it ended is not known. */
    LOST;

    /** The words for it in messages. */
    public String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
