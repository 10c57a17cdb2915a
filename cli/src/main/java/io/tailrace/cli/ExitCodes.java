package io.tailrace.cli;

/** The exit codes of this command where a container's own does not decide; as docker has them. */
final class ExitCodes {
    static final int OK = 0;
    /** Something asked for could not be done. */
    static final int FAILED = 1;
    /** What was waited for did not come in time; as timeout(1) has it. */
    static final int TIME_UP = 124;
    /** Tailrace itself failed, before or instead of the container; also: the command line is wrong. */
    static final int TAILRACE_FAILED = 125;
    /** The container's command cannot be executed. */
    static final int NOT_EXECUTABLE = 126;
    /** The container's command was not found. */
    static final int NOT_FOUND = 127;
    /** Added to the number of the signal that ended something. */
    static final int SIGNALLED = 128;
    /** SIGPIPE: whoever read our output has left. */
    static final int READER_LEFT = SIGNALLED + 13;

    private ExitCodes() {}
}
