package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.Images.ProgressListener;
import io.tailrace.runtime.spi.RuntimeContainer;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Podman's service with the image {@code busybox} in it, all of it under a directory in /tmp; ends with all it made. */
final class TestPodman implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final Path directory;
    private final DockerConfig config;
    private final Process service;

    private TestPodman() throws IOException {
        directory = Files.createTempDirectory(Path.of("/tmp"), "tailrace-podman");
        config = new DockerConfig(directory.resolve("podman.sock").toString(), directory.resolve("runtime"));
        service = startService();
        try (DockerRuntime runtime = connectWhenUp()) {
            runtime.images()
                    .importArchive(
                            new ByteArrayInputStream(TestImage.rootFileSystem()),
                            TestDockerd.IMAGE,
                            ProgressListener.NONE);
        }
    }

    static TestPodman start() {
        try {
            return new TestPodman();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether there is a Podman on this machine. */
    static boolean isInstalled() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(place -> Files.isExecutable(Path.of(place, "podman")));
    }

    private Process startService() throws IOException {
        // Locks in files, because those in memory are shared with the machine's own Podman. The limits are such as any
        // kernel lets a container have.
        Path settings = Files.writeString(directory.resolve("containers.conf"), """
                [containers]
                default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
                [engine]
                runtime = "runc"
                cgroup_manager = "cgroupfs"
                events_logger = "file"
                lock_type = "file"
                tmp_dir = "%1$s/tmp"
                volume_path = "%1$s/volumes"
                [network]
                network_config_dir = "%1$s/networks"
                """.formatted(directory));
        Path storage = Files.writeString(directory.resolve("storage.conf"), """
                [storage]
                driver = "vfs"
                graphroot = "%1$s/images"
                runroot = "%1$s/run"
                """.formatted(directory));
        ProcessBuilder command =
                new ProcessBuilder("podman", "system", "service", "--time=0", "unix://" + config.socket());
        command.environment().put("CONTAINERS_CONF", settings.toString());
        command.environment().put("CONTAINERS_STORAGE_CONF", storage.toString());
        // Podman 4.3 notes a death for want of memory where its service was started.
        return command.directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("podman.log").toFile())
                .start();
    }

    private DockerRuntime connectWhenUp() throws IOException {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            try {
                return connect();
            } catch (ContainerRuntimeException e) {
                if (!service.isAlive() || System.nanoTime() - deadlineNanos > 0) {
                    throw new IOException(Files.readString(directory.resolve("podman.log")), e);
                }
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A connection, as a server opens it. */
    DockerRuntime connect() {
        return DockerRuntime.connect(config);
    }

    /** Where the containers that are there now have something on this machine, while they run or longer. */
    List<Path> places() throws IOException {
        List<Path> places = new ArrayList<>();
        for (String id : names(directory.resolve("images/vfs-containers"))) {
            if (id.matches("[0-9a-f]{64}")) {
                places.add(directory.resolve("images/vfs-containers").resolve(id));
                places.add(directory.resolve("run/vfs-containers").resolve(id));
                places.add(Path.of("/run/runc", id));
                groups().forEach(group -> places.add(group.resolve("libpod-" + id)));
            }
        }
        names(config.dataDirectory().resolve("docker"))
                .forEach(id ->
                        places.add(config.dataDirectory().resolve("docker").resolve(id)));
        return places;
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        }
    }

    /** The groups of the kernel, one of each kind, below which Podman makes those of its containers. */
    private static List<Path> groups() throws IOException {
        try (Stream<Path> kinds = Files.list(Path.of("/sys/fs/cgroup"))) {
            return kinds.map(kind -> kind.resolve("libpod_parent"))
                    .filter(Files::isDirectory)
                    .toList();
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try (DockerRuntime runtime = connect()) {
            for (String handle : runtime.handles()) {
                RuntimeContainer container = runtime.recover(handle);
                container.process().ifPresent(TestDockerd::end);
                container.remove();
            }
        }
        service.destroy();
        if (!service.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            service.destroyForcibly();
        }
        endWatchers();
        TestDockerd.unmount(directory);
        try (Stream<Path> entries = Files.walk(directory)) {
            for (Path entry : entries.toList().reversed()) {
                Files.deleteIfExists(entry);
            }
        }
        removeGroups();
    }

    /** Of each exec one stays for five minutes after its end. They are known by the directory that they name. */
    private void endWatchers() {
        List<ProcessHandle> watchers = ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(directory + "/"))
                .toList();
        watchers.forEach(ProcessHandle::destroyForcibly);
        watchers.forEach(watcher ->
                watcher.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join());
    }

    private static void removeGroups() throws IOException {
        for (Path group : groups()) {
            try {
                Files.deleteIfExists(group.resolve("conmon"));
                Files.delete(group);
            } catch (IOException e) {
                // The machine's own Podman has something in it, so the kernel keeps it.
            }
        }
    }
}
