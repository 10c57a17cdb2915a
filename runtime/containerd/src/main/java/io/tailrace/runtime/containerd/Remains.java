package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What nobody knows of any more when containerd, a shim or runc was killed in the middle of a start: cgroups, what may run
 * in them, and runc's state directory, still empty, for which runc would refuse to make the container ever again. To be
 * removed where containerd has no task of the container.
 */
final class Remains {
    /** Killed processes leave a cgroup when they are reaped. */
    private static final long LEAVING_MILLIS = 5_000;

    private static final long PAUSE_MILLIS = 10;

    private Remains() {}

    static void remove(ContainerdConfig config, String id) throws IOException {
        removeEmpty(StartFifo.RUNC_STATE.resolve(config.namespace()).resolve(id));
        for (Path directory : new Cgroup(ContainerdContainer.cgroupPath(config, id)).directories()) {
            if (Files.isDirectory(directory)) {
                removeCgroup(directory);
            }
        }
    }

    private static void removeEmpty(Path directory) throws IOException {
        try {
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException inUse) {
            // runc had come further: then it can delete the container itself.
        }
    }

    private static void removeCgroup(Path directory) throws IOException {
        long deadlineNanos = System.nanoTime() + LEAVING_MILLIS * 1_000_000;
        while (true) {
            thaw(directory);
            kill(directory);
            try {
                removeTree(directory);
                return;
            } catch (NoSuchFileException gone) {
                return;
            } catch (IOException busy) {
                if (System.nanoTime() > deadlineNanos) {
                    throw busy;
                }
                pause();
            }
        }
    }

    /** What is frozen does not die. The file is version 1's or version 2's. */
    private static void thaw(Path directory) throws IOException {
        writeIfThere(directory.resolve("freezer.state"), "THAWED");
        writeIfThere(directory.resolve("cgroup.freeze"), "0");
    }

    private static void writeIfThere(Path file, String value) throws IOException {
        if (Files.exists(file)) {
            Files.writeString(file, value);
        }
    }

    private static void kill(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path processes :
                    all.filter(path -> path.endsWith("cgroup.procs")).toList()) {
                for (String pid : Files.readAllLines(processes)) {
                    ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
                }
            }
        } catch (java.io.UncheckedIOException gone) {
            // A child went away while it was looked at.
        }
    }

    /** Only directories can be removed in a cgroup, and only those without children. */
    private static void removeTree(Path directory) throws IOException {
        List<Path> children;
        try (Stream<Path> all = Files.list(directory)) {
            children = all.filter(Files::isDirectory).toList();
        }
        for (Path child : children) {
            removeTree(child);
        }
        Files.delete(directory);
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ContainerRuntimeException(Code.UNAVAILABLE, "removing a cgroup: interrupted", interrupted);
        }
    }
}
