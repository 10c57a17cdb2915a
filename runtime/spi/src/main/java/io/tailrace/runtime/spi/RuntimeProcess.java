package io.tailrace.runtime.spi;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A process in a container: prepared, running or exited. Blocking and thread-safe.
 *
 * <p>Its stdio belong to the caller from {@link RuntimeContainer#prepare} to {@link #delete}. Nothing that the process
 * wrote is lost while nobody reads: the process waits, also when this server is not running.
 */
public interface RuntimeProcess {
    /** Where it stands. */
    enum Status {
        /** Prepared, never started. */
        CREATED,
        /** Started, and not known to have exited. */
        RUNNING,
        /** Frozen. */
        PAUSED,
        /** Exited; its output may still hold bytes. */
        EXITED
    }

    /** The standard output; with a terminal, all of its output. */
    ProcessOutput stdout();

    /** The standard error; empty with a terminal. */
    Optional<ProcessOutput> stderr();

    /** The standard input; empty if its spec has none. */
    Optional<ProcessInput> stdin();

    /**
     * Starts it. Returns when it runs.
     *
     * @throws ContainerRuntimeException COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, INVALID_ARGUMENT; the process must
     *     then be deleted
     */
    void start();

    /** Its exit, once; may be awaited before the start. Completes exceptionally only if it can never be known. */
    CompletableFuture<ProcessExit> exit();

    /** Where it stands now, as the runtime says. */
    Status status();

    /** Its process id on the host; 0 if it does not run. */
    long pid();

    /**
     * Sends a signal.
     *
     * @param number 1 to 64, as on Linux
     * @throws ContainerRuntimeException FAILED_PRECONDITION if it does not run
     */
    void signal(int number);

    /** Changes the size of its terminal. Without a terminal: FAILED_PRECONDITION. */
    void resize(TerminalSize size);

    /**
     * Lets the runtime forget it, once it has exited (or failed to start) and its output was read to the end. Its stdio
     * are gone afterwards. Deleting what is already gone is no error.
     */
    void delete();
}
