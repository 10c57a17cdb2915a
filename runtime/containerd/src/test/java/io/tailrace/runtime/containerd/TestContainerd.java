package io.tailrace.runtime.containerd;

import io.tailrace.runtime.containerd.proto.snapshots.ListSnapshotsRequest;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import io.tailrace.runtime.spi.ContainerSpec.NetworkMode;
import io.tailrace.runtime.spi.Images.ProgressListener;
import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A private containerd with the image {@code busybox} in it, under a directory in /tmp; ends with all it made. */
final class TestContainerd implements AutoCloseable {
    static final String IMAGE = "busybox";
    static final long PATIENCE_SECONDS = 30;

    final Path directory;
    final PrivateContainerd daemon;
    final ContainerdConfig config;
    ContainerdRuntime runtime;

    private final List<String> ids = Collections.synchronizedList(new ArrayList<>());

    private TestContainerd() throws IOException {
        directory = Files.createTempDirectory(Path.of("/tmp"), "tailrace-containerd");
        daemon = PrivateContainerd.start(directory);
        config = ContainerdConfig.of(daemon.socket(), directory)
                .withHostsDirectory(Optional.of(directory.resolve("certs.d")));
        runtime = ContainerdRuntime.connect(config);
        runtime.images()
                .importArchive(new ByteArrayInputStream(TestImages.rootFileSystem()), IMAGE, ProgressListener.NONE);
    }

    static TestContainerd start() {
        try {
            return new TestContainerd();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** As a server that is started again finds things. */
    void reconnect() {
        runtime.close();
        runtime = ContainerdRuntime.connect(config);
    }

    /** Ends containerd without any notice. */
    void kill() throws IOException {
        long pid = Long.parseLong(
                Files.readString(directory.resolve("containerd/containerd.pid")).strip());
        ProcessHandle.of(pid).ifPresent(process -> {
            process.destroyForcibly();
            process.onExit().join();
        });
    }

    static String newId() {
        return (UUID.randomUUID().toString() + UUID.randomUUID()).replace("-", "");
    }

    static ProcessSpec process(String... arguments) {
        return ProcessSpec.of(List.of(arguments));
    }

    static ProcessSpec shell(String script) {
        return process("/bin/sh", "-c", script);
    }

    static ProcessSpec shellAs(String user, String script) {
        return new ProcessSpec(
                List.of("/bin/sh", "-c", script),
                List.of(),
                "",
                user,
                List.of(),
                false,
                null,
                false,
                List.of(),
                List.of(),
                false,
                List.of());
    }

    static ProcessSpec interactive(@Nullable TerminalSize terminal, String... arguments) {
        return new ProcessSpec(
                List.of(arguments),
                List.of(),
                "",
                "",
                List.of(),
                true,
                terminal,
                false,
                List.of(),
                List.of(),
                false,
                List.of());
    }

    static ContainerSpec spec(ProcessSpec process) {
        return spec(process, NetworkMode.NONE, Limits.NONE, List.of(), false);
    }

    static ContainerSpec spec(
            ProcessSpec process,
            NetworkMode network,
            Limits limits,
            List<ContainerSpec.Mount> mounts,
            boolean isReadOnly) {
        return new ContainerSpec(
                newId(),
                IMAGE,
                process,
                "",
                network,
                List.of(),
                ContainerSpec.Dns.DEFAULT,
                List.of(),
                mounts,
                isReadOnly,
                false,
                limits,
                List.of(),
                Map.of("k", "v"),
                List.of());
    }

    /** On the bridge, with ports published. */
    static ContainerSpec spec(ProcessSpec process, List<ContainerSpec.Port> ports) {
        return new ContainerSpec(
                newId(),
                IMAGE,
                process,
                "",
                NetworkMode.BRIDGE,
                List.of(),
                ContainerSpec.Dns.DEFAULT,
                ports,
                List.of(),
                false,
                false,
                Limits.NONE,
                List.of(),
                Map.of(),
                List.of());
    }

    RuntimeContainer create(ProcessSpec process) {
        return create(spec(process));
    }

    RuntimeContainer create(ContainerSpec spec) {
        ids.add(spec.id());
        return runtime.create(spec);
    }

    /** A whole run. */
    record Run(String stdout, String stderr, ProcessExit exit) {}

    Run run(ProcessSpec process) {
        return run(spec(process));
    }

    Run run(ContainerSpec spec) {
        RuntimeContainer container = create(spec);
        Run run = run(container.prepare());
        container.remove();
        return run;
    }

    /** Starts a prepared process, reads all it writes, and deletes it. */
    static Run run(RuntimeProcess process) {
        CompletableFuture<String> stdout = text(process.stdout());
        CompletableFuture<String> stderr =
                process.stderr().map(TestContainerd::text).orElse(CompletableFuture.completedFuture(""));
        process.start();
        Run run = new Run(await(stdout), await(stderr), await(process.exit()));
        process.delete();
        return run;
    }

    static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException | InterruptedException failure) {
            throw new AssertionError(failure);
        }
    }

    /** Kills, deletes and removes. */
    static void end(RuntimeContainer container) {
        container.process().ifPresent(process -> {
            if (process.pid() != 0) {
                process.signal(9);
                await(process.exit());
            }
            process.delete();
        });
        container.remove();
    }

    /** Reads a stream to its end, on a thread of its own. */
    static CompletableFuture<String> text(ProcessOutput output) {
        Path fifo = ((ProcessOutput.Pipe) output).fifo();
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("reads-" + fifo).start(() -> {
            try (InputStream in = open(fifo)) {
                text.complete(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException failure) {
                text.completeExceptionally(failure);
            }
        });
        return text;
    }

    /** Opens a pipe for reading, whether or not it has a writer. */
    static InputStream open(Path fifo) throws IOException {
        try (RandomAccessFile bothEnds = new RandomAccessFile(fifo.toFile(), "rw")) {
            return new FileInputStream(fifo.toFile());
        }
    }

    /** What there still is of containers that should be gone. */
    List<String> leftovers() throws IOException {
        List<String> found = new ArrayList<>(runtime.handles());
        Path volumes = directory.resolve("volumes");
        if (Files.exists(volumes)) {
            try (Stream<Path> entries = Files.list(volumes)) {
                entries.forEach(entry -> found.add("volume " + entry));
            }
        }
        for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
            if (line.contains(directory.toString())) {
                found.add("mount " + line);
            }
        }
        for (String id : ids) {
            for (String controller : List.of("memory", "pids", "cpu", "systemd", "unified")) {
                Path cgroup = Path.of("/sys/fs/cgroup", controller, config.namespace(), id);
                if (Files.exists(cgroup)) {
                    found.add("cgroup " + cgroup);
                }
            }
            ProcessHandle.allProcesses()
                    .filter(process -> process.info().commandLine().orElse("").contains(id))
                    .forEach(process -> found.add("process " + process.info().commandLine()));
        }
        Containerd containerd = new Containerd(config.socket(), config.namespace());
        containerd
                .snapshots()
                .list(ListSnapshotsRequest.newBuilder()
                        .setSnapshotter(config.snapshotter())
                        .build())
                .forEachRemaining(response -> response.getInfoList().stream()
                        .filter(info -> !info.getName().startsWith("sha256:"))
                        .forEach(info -> found.add("snapshot " + info.getName())));
        containerd.close();
        return found;
    }

    void removeContainers() {
        for (String handle : runtime.handles()) {
            end(runtime.recover(handle));
        }
    }

    @Override
    public void close() throws IOException {
        removeContainers();
        runtime.close();
        daemon.stop();
        try (Stream<Path> entries = Files.walk(directory)) {
            for (Path entry : entries.toList().reversed()) {
                Files.deleteIfExists(entry);
            }
        }
    }
}
