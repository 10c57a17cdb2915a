package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import io.tailrace.runtime.spi.ContainerSpec.NetworkMode;
import io.tailrace.runtime.spi.Images.ProgressListener;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A private containerd with the image {@code busybox} in it, under a directory in /tmp; ends with all it made. */
final class TestContainerd implements AutoCloseable {
    static final String IMAGE = "busybox";

    final Path directory;
    final PrivateContainerd daemon;
    final ContainerdConfig config;
    ContainerdRuntime runtime;

    TestContainerd() throws IOException {
        directory = Files.createTempDirectory(Path.of("/tmp"), "tailrace-containerd");
        daemon = PrivateContainerd.start(directory);
        config = ContainerdConfig.of(daemon.socket(), directory);
        runtime = ContainerdRuntime.connect(config);
        runtime.images()
                .importArchive(new ByteArrayInputStream(TestImages.rootFileSystem()), IMAGE, ProgressListener.NONE);
    }

    /** As a server that is started again finds things. */
    void reconnect() {
        runtime.close();
        runtime = ContainerdRuntime.connect(config);
    }

    static String newId() {
        return (UUID.randomUUID().toString() + UUID.randomUUID()).replace("-", "");
    }

    static ProcessSpec process(String... arguments) {
        return new ProcessSpec(List.of(arguments), List.of(), "", "", false, null, false, List.of(), List.of());
    }

    static ProcessSpec shell(String script) {
        return process("/bin/sh", "-c", script);
    }

    static ProcessSpec interactive(@Nullable TerminalSize terminal, String... arguments) {
        return new ProcessSpec(List.of(arguments), List.of(), "", "", true, terminal, false, List.of(), List.of());
    }

    static ContainerSpec spec(ProcessSpec process) {
        return spec(process, NetworkMode.NONE, Limits.NONE);
    }

    static ContainerSpec spec(ProcessSpec process, NetworkMode network, Limits limits) {
        return new ContainerSpec(newId(), IMAGE, process, "", network, List.of(), false, limits, Map.of());
    }

    RuntimeContainer create(ProcessSpec process) {
        return runtime.create(spec(process));
    }

    /** Reads a stream to its end, on a thread of its own. */
    static CompletableFuture<String> text(ProcessOutput output) {
        Path fifo = ((ProcessOutput.Pipe) output).fifo();
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("reads-" + fifo).start(() -> {
            try (InputStream in = Files.newInputStream(fifo)) {
                text.complete(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException failure) {
                text.completeExceptionally(failure);
            }
        });
        return text;
    }

    @Override
    public void close() throws IOException {
        for (String handle : runtime.handles()) {
            RuntimeContainer container = runtime.recover(handle);
            container.process().ifPresent(process -> {
                if (process.pid() != 0) {
                    process.signal(9);
                    process.exit().join();
                }
                process.delete();
            });
            container.remove();
        }
        runtime.close();
        daemon.stop();
        try (Stream<Path> entries = Files.walk(directory)) {
            for (Path entry : entries.toList().reversed()) {
                try {
                    Files.deleteIfExists(entry);
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            }
        }
    }
}
