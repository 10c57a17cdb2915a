package io.tailrace.client;

/**
 * What the init process of a container and its execs have in common: they are followed, written to and signalled alike.
 * Thread-safe.
 */
public sealed interface ContainerProcess permits Container, Exec {
    /** Where it stands now. */
    ProcessStatus status();

    /** Its timeline from the first record to its exit. Close it. */
    default Follow follow() {
        return follow(new FollowOptions());
    }

    /** Its timeline, from where and to where the options say. Close it. */
    Follow follow(FollowOptions options);

    /**
     * Writes to its stdin. Close it to end the process's input; {@link Stdin#detach} leaves it open. FAILED_PRECONDITION,
     * when writing, if it was made without stdin or is gone.
     */
    Stdin stdin();

    /** Sends it a signal: a name with or without SIG in any case, or a number. Not running: FAILED_PRECONDITION. */
    void kill(String signal);

    /** Changes the size of its terminal. Without one: FAILED_PRECONDITION. */
    void resize(TerminalSize size);

    /** Waits, without limit, until it has ended, and says how. An interrupt ends the wait with CANCELLED. */
    ExitStatus waitFor();
}
