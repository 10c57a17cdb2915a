package io.tailrace.client;

import java.util.Optional;

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

    /** Its output by lines: those of both streams that are there now. Close it. */
    default Logs logs() {
        return logs(new LogOptions());
    }

    /** Its output by lines, those that the options choose. Close it. */
    default Logs logs(LogOptions options) {
        return new Logs(follow(options.options()));
    }

    /**
     * Waits, without limit, until it has ended, and says how, with all that it wrote.
     *
     * @throws TailraceException RESOURCE_EXHAUSTED if that is more than {@link ProcessResult#OUTPUT_BYTES_MAX}; INCOMPLETE if
     *     some of it is missing, as where retention took it
     */
    default ProcessResult result() {
        return result(ProcessResult.OUTPUT_BYTES_MAX);
    }

    /** As {@link #result()}. @param outputBytesMax of both streams together, at most 2^31 - 1 */
    default ProcessResult result(long outputBytesMax) {
        return ProcessResult.of(this, outputBytesMax);
    }

    /**
     * Writes to its stdin. Close it to end the process's input; {@link Stdin#detach} leaves it open. FAILED_PRECONDITION,
     * when writing, if it was made without stdin or is gone.
     */
    Stdin stdin();

    /** Sends it a signal: a name with or without SIG in any case, or a number. Not running: FAILED_PRECONDITION. */
    void kill(String signal);

    /** Changes the size of its terminal. Without one: FAILED_PRECONDITION. */
    void resize(TerminalSize size);

    /**
     * Waits, without limit, for a line of either stream that matches, from the first record that is still there.
     *
     * @param pattern a regular expression of RE2, found anywhere in the line
     * @throws TailraceException FAILED_PRECONDITION when the process has ended without it, which a restart by its policy is
     *     not
     */
    default LineMatch waitForLine(String pattern) {
        return waitForLine(new LineOptions(pattern)).orElseThrow();
    }

    /** As {@link #waitForLine(String)}. Empty when the time is up. */
    Optional<LineMatch> waitForLine(LineOptions options);

    /** Waits, without limit, until it has ended, and says how. An interrupt ends the wait with CANCELLED. */
    ExitStatus waitFor();
}
