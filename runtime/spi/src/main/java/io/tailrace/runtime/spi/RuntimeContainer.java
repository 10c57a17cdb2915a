package io.tailrace.runtime.spi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A container in a runtime. Blocking and thread-safe.
 *
 * <p>At most one init process at a time: {@link #prepare}, {@link RuntimeProcess#start}, its exit,
 * {@link RuntimeProcess#delete}, and then {@link #prepare} again for another run on the same file system.
 */
public interface RuntimeContainer {
    /** The most processes that can be listed. */
    int PROCESSES_MAX = 10_000;

    /** The most changes that can be listed. */
    int CHANGES_MAX = 50_000;

    /** An opaque, versioned string from which {@link ContainerRuntime#recover} finds this container again. */
    String handle();

    /**
     * Readies the init process: its stdio exist and may be read, the exit can be awaited, but it does not run yet.
     *
     * @throws ContainerRuntimeException FAILED_PRECONDITION if there is one already, or if a port that it publishes is in
     *     use; INVALID_ARGUMENT if a host address is not the host's. Of ports {@link RuntimeProcess#start} may say it instead
     */
    RuntimeProcess prepare();

    /**
     * As {@link #prepare}, of a run that others have begun: for {@link ForeignContainers}. It begins none.
     *
     * @throws ContainerRuntimeException FAILED_PRECONDITION if there is none that was not handed over; UNSUPPORTED for one that
     *     is not foreign
     */
    default RuntimeProcess prepareBegun() {
        throw new ContainerRuntimeException(
                ContainerRuntimeException.Code.UNSUPPORTED, "%s is not foreign".formatted(handle()));
    }

    /** The init process, if it was prepared and not deleted: after {@link ContainerRuntime#recover}, the one found. */
    Optional<RuntimeProcess> process();

    /**
     * Readies an exec process in the running container.
     *
     * @param id unique in this container, 1 to 64 characters of {@code [a-zA-Z0-9_.-]}
     * @throws ContainerRuntimeException FAILED_PRECONDITION if the container does not run
     */
    RuntimeProcess prepareExec(String id, ProcessSpec spec);

    /** Finds an exec process again, by the id it was prepared with; empty if the runtime no longer has it. */
    Optional<RuntimeProcess> recoverExec(String id);

    /** Where it can be reached now. */
    Endpoints endpoints();

    /**
     * Connects to what listens inside, whatever its network is.
     *
     * @param timeout until it is connected
     * @return blocking; closing it ends a blocked read. The caller closes it
     * @throws IOException if nothing takes the connection there
     * @throws ContainerRuntimeException FAILED_PRECONDITION if the container does not run; UNSUPPORTED if the runtime's
     *     containers cannot be reached from here
     */
    ByteChannel connect(Listener listener, Duration timeout) throws IOException;

    /** Freezes all processes of the container. Needs {@link Capability#PAUSE}. */
    void pause();

    /** Thaws them. */
    void resume();

    /** Changes the limits of the container, running or not. Needs {@link Capability#UPDATE_LIMITS}. */
    void update(ContainerSpec.Limits limits);

    /**
     * Changes the names under which the others in its networks find it, from now on. Needs {@link Capability#NETWORKS}.
     *
     * @param networks those it was made with, in the same order, each with all names that it is to have there; if they are
     *     as they were, nothing happens
     */
    void updateNames(List<ContainerSpec.NetworkAttachment> networks);

    /** What the container uses now. Needs {@link Capability#USAGE} and a running init process. */
    ResourceUsage usage();

    /**
     * What a path is, of a container that runs or not. Links are followed inside the container and never out of it. Needs
     * {@link Capability#FILES}, as the next two do.
     *
     * @param path absolute, as the container sees it
     * @throws ContainerRuntimeException NOT_FOUND
     */
    PathStatus stat(String path);

    /**
     * Writes a path and all that is below it as a tar, whose names begin with the path's last part ({@code .} for the
     * root). Takes memory that does not depend on how much it is. Of what changes meanwhile either state may be seen.
     *
     * @throws ContainerRuntimeException NOT_FOUND; FAILED_PRECONDITION if the container is started or removed meanwhile
     */
    void readFiles(String path, ArchiveSink sink);

    /**
     * Unpacks a tar, plain or gzipped, with its owners, modes and times. No entry is written outside of the directory: one
     * that would be is INVALID_ARGUMENT, and what came before it stays. Takes memory that does not depend on how much it is.
     *
     * @param directory absolute; must exist
     * @param archive read to its end, not closed; may block
     * @param mayReplace whether a file may take the place of a directory, and a directory that of a file
     * @throws ContainerRuntimeException NOT_FOUND for the directory, INVALID_ARGUMENT for the archive, PERMISSION_DENIED where
     *     the file system is read-only, RESOURCE_EXHAUSTED when the disk is full, FAILED_PRECONDITION as for reading
     */
    void writeFiles(String directory, InputStream archive, boolean mayReplace);

    /**
     * Its processes now, execs and their children included, in no particular order. Needs a running init process.
     *
     * @throws ContainerRuntimeException RESOURCE_EXHAUSTED if there are more than {@link #PROCESSES_MAX}
     */
    List<ProcessEntry> processes();

    /**
     * What it has changed in its image's files, running or not, in no particular order. Mounts are not its files, and
     * what the runtime itself puts into it is no change.
     *
     * @throws ContainerRuntimeException RESOURCE_EXHAUSTED if there are more than {@link #CHANGES_MAX}
     */
    List<FileChange> changes();

    /** What the files that it has written take on the disk, in bytes: what its removal gives back. */
    long writtenBytes();

    /**
     * Removes the container and all that {@link ContainerRuntime#create} made. The init process must have been deleted
     * or never prepared. Removing what is already gone is no error.
     */
    void remove();
}
