package io.tailrace.engine;

import io.tailrace.runtime.spi.ArchiveSink;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.Endpoints;
import io.tailrace.runtime.spi.FileChange;
import io.tailrace.runtime.spi.PathStatus;
import io.tailrace.runtime.spi.ProcessEntry;
import io.tailrace.runtime.spi.ResourceUsage;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A container. Thread-safe; commands are blocking. */
public interface Container {
    /** 64 hex digits. */
    String id();

    /** Its unique name. */
    String name();

    /** What was asked for, with what was updated since. */
    NewContainer request();

    /** What the runtime was told: the request with the image's defaults merged in, and what was updated since. */
    ContainerSpec spec();

    /** Whether others made it, and it is followed only. */
    boolean isForeign();

    /** The id of the image it was made of. */
    String imageId();

    /** Where it stands. */
    default ProcessStatus status() {
        return process().status();
    }

    /** Its init process. */
    ContainerProcess process();

    /** How healthy its latest run is; null where it has no health check. */
    @Nullable HealthStatus health();

    /** Why its latest run ended, if that is over and ended by itself with something else than 0; else null. */
    @Nullable CrashReport crash();

    /** Where it can be reached now: nowhere unless it runs. */
    Endpoints endpoints();

    /** Starts its process. Running already: FAILED_PRECONDITION. Returns when it runs. */
    void start();

    /** Signals, waits, kills. Not running: nothing. Returns when it has exited. @param grace null for the container's */
    void stop(@Nullable Duration grace);

    /** Stops it if it runs, then starts it again. */
    void restart(@Nullable Duration grace);

    /** Freezes it. */
    void pause();

    /** Thaws it. */
    void resume();

    /**
     * Changes its limits and its restart policy, whether or not it runs. Fails with FAILED_PRECONDITION where it uses more
     * memory than the new limit; nothing is changed then.
     */
    void update(ContainerUpdate update);

    /** Gives it another name, unique as the first; the old one is free at once. Taken: ALREADY_EXISTS. */
    void rename(String name);

    /** Removes it from the runtime. @param force kills it first if it runs; else running is FAILED_PRECONDITION */
    default void remove(boolean force) {
        remove(force, false);
    }

    /** As {@link #remove(boolean)}. @param volumes also those that were made for it because nobody named them */
    void remove(boolean force, boolean volumes);

    /** Waits. Empty when the time is up. @param timeout null: without limit */
    Optional<ProcessStatus> await(WaitCondition condition, @Nullable Duration timeout) throws InterruptedException;

    /** Creates and starts an exec process. */
    Exec exec(NewExec request);

    /** The exec with an id. NOT_FOUND. */
    Exec exec(String execId);

    /** All execs, ended ones within retention included. */
    List<Exec> execs();

    /** Its processes by pid, execs included; command lines may be cut. Not running: FAILED_PRECONDITION. */
    List<ProcessEntry> processes();

    /** What it has changed in its image's files, by path. More than one answer holds: RESOURCE_EXHAUSTED. */
    List<FileChange> changes();

    /** What it uses now, with the share of processor time since the previous call or over a short interval. */
    Usage usage();

    /** The samples that were taken of it, oldest first; none when it is removed. @param limit of the newest; 0: all */
    List<Usage> usageHistory(int limit);

    /** Of which resources it uses more than the {@link Thresholds} say. */
    Set<Resource> alerts();

    /** What a path in it is. Running or not. NOT_FOUND. @param path absolute */
    PathStatus stat(String path);

    /** Writes a path and all below it as a tar, in names that begin with the path's last part. NOT_FOUND. */
    void readFiles(String path, ArchiveSink sink);

    /**
     * Unpacks a tar, gzipped or not, into a directory that exists. NOT_FOUND, INVALID_ARGUMENT for the archive.
     *
     * @param mayReplace whether a file may take the place of a directory, and a directory that of a file
     */
    void writeFiles(String directory, InputStream archive, boolean mayReplace);

    /**
     * Resource usage with the processor share that two samples give.
     *
     * @param cpuPercent of one processor; 200 is two processors busy
     */
    record Usage(ResourceUsage sample, double cpuPercent) {}

    /** What can be waited for, as in Docker, and beyond it. */
    enum WaitCondition {
        /** Not running: at once if it is not. */
        NOT_RUNNING,
        /** The next exit, even if it has exited before. */
        NEXT_EXIT,
        /** Removed. */
        REMOVED,
        /** Healthy: FAILED_PRECONDITION when it has become unhealthy or has ended, or has no health check. */
        HEALTHY
    }
}
