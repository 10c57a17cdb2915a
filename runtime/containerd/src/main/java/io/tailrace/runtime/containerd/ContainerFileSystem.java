package io.tailrace.runtime.containerd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.containerd.Linux.LinuxException;
import io.tailrace.runtime.containerd.proto.types.Mount;
import io.tailrace.runtime.spi.ArchiveSink;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.PathStatus;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The files of a container: of one that has a process, what that sees; else the container's snapshot and what is bound into it.
 * No program runs for it, and none of the container's. Thread-safe: all who copy at the same time share one mount.
 */
final class ContainerFileSystem {
    private static final int ARCHIVE_BUFFER_BYTES = 65_536;

    private final String id;
    private final StoredContainer stored;
    private final ContainerDirectory directory;
    private final Supplier<OptionalLong> pid;
    private final Supplier<List<Mount>> snapshot;

    /** With how many use it; an older one, that was revoked, is closed by the last who does. */
    @GuardedBy("this") private @Nullable Shared stopped;

    private static final class Shared {
        private final StoppedRoot root;
        private int users;

        Shared(StoppedRoot root) {
            this.root = root;
        }
    }

    /** @param pid of the container's process, if it has one */
    ContainerFileSystem(
            String id,
            StoredContainer stored,
            ContainerDirectory directory,
            Supplier<OptionalLong> pid,
            Supplier<List<Mount>> snapshot) {
        this.id = id;
        this.stored = stored;
        this.directory = directory;
        this.pid = pid;
        this.snapshot = snapshot;
    }

    PathStatus stat(String path) {
        return using(path, root -> {
            try (ContainerRoot.Found found = root.find(path)) {
                return found.toStatus();
            }
        });
    }

    void read(String path, ArchiveSink sink) {
        PathStatus read = using(path, root -> {
            try (ContainerRoot.Found found = root.find(path)) {
                PathStatus status = found.toStatus();
                OutputStream target = new BufferedOutputStream(sink.begin(status), ARCHIVE_BUFFER_BYTES);
                String name = found.shownName();
                new TreeArchive(root, target).write(found, name.equals("/") ? "." : name);
                return status;
            }
        });
        assert read != null;
    }

    void write(String target, InputStream archive, boolean mayReplace) {
        String done = using(target, root -> {
            try {
                new ArchiveUnpacking(root, LinuxFiles.name(target), mayReplace).unpack(archive);
                return target;
            } catch (LinuxException | InterruptedIOException failure) {
                throw failure;
            } catch (IOException | IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException broken) {
                throw ArchiveEntries.broken(broken);
            }
        });
        assert done != null;
    }

    /** The container is given a process, or removed: what was being copied ends with a failure. */
    synchronized void revoke() {
        if (stopped != null) {
            stopped.root.revoke();
            stopped = null;
        }
    }

    private interface Use<T> {
        T of(ContainerRoot root) throws IOException;
    }

    private <T> T using(String path, Use<T> use) {
        try {
            OptionalLong running = pid.get();
            if (running.isPresent()) {
                try (ContainerRoot root = ofProcess(running.getAsLong())) {
                    return use.of(root);
                }
            }
            Shared shared = enter();
            try {
                return use.of(shared.root);
            } finally {
                leave(shared);
            }
        } catch (LinuxException failure) {
            throw FileFailures.of(path, failure);
        } catch (IOException failure) {
            throw Failures.of("path %s of container %s".formatted(path, id), failure);
        } catch (StatusRuntimeException failure) {
            throw Failures.of("path %s of container %s".formatted(path, id), failure);
        }
    }

    /** That it is this container's process, and no other that has its number by now, is seen by its control group. */
    private ContainerRoot ofProcess(long number) throws IOException {
        int process = Linux.open(Path.of("/proc/" + number), LinuxFiles.O_PATH | LinuxFiles.O_DIRECTORY);
        try {
            if (!Files.readString(LinuxFiles.again(process).resolve("cgroup")).contains(id)) {
                throw new ContainerRuntimeException(
                        Code.FAILED_PRECONDITION, "container %s ended just now".formatted(id));
            }
            return new ContainerRoot(
                    Linux.open(LinuxFiles.again(process).resolve("root"), LinuxFiles.O_PATH | LinuxFiles.O_DIRECTORY));
        } finally {
            Linux.close(process);
        }
    }

    private synchronized Shared enter() throws IOException {
        Shared present = stopped;
        if (present == null) {
            present = new Shared(
                    StoppedRoot.mount(id, directory.files(), snapshot.get(), stored.binds(), stored.isReadOnly()));
            stopped = present;
        }
        present.users++;
        return present;
    }

    private synchronized void leave(Shared used) {
        if (--used.users == 0) {
            used.root.close();
            if (stopped == used) {
                stopped = null;
            }
        }
    }
}
