package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("containerd")
class PrivateContainerdTest {
    @Test
    void itIsFoundAgainKeptRunningAndStopped() throws Exception {
        Path deep =
                Files.createTempDirectory(Path.of("/tmp"), "tailrace-private").resolve("d".repeat(100));
        PrivateContainerd containerd = PrivateContainerd.start(deep);
        try {
            assertThat(containerd.socket().toString().getBytes(StandardCharsets.UTF_8))
                    .hasSizeLessThanOrEqualTo(SocketPath.BYTES_MAX);
            String pid = pid(deep);
            assertThat(PrivateContainerd.start(deep).socket()).isEqualTo(containerd.socket());
            assertThat(pid(deep)).isEqualTo(pid);
            try (ContainerdRuntime runtime =
                    ContainerdRuntime.connect(ContainerdConfig.of(containerd.socket(), deep.resolve("runtime")))) {
                assertThat(runtime.info().name()).isEqualTo("containerd");
                assertThat(runtime.info().version()).isNotEmpty();
                assertThat(runtime.handles()).isEmpty();
                try (AutoCloseable kept = containerd.keepRunning()) {
                    assertThat(kept).isNotNull();
                    ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
                    await().atMost(20, TimeUnit.SECONDS)
                            .until(() -> !pid(deep).equals(pid) && PrivateContainerd.isReachable(containerd.socket()));
                }
                await().ignoreExceptions().until(() -> runtime.handles().isEmpty());
            }
        } finally {
            PrivateContainerd.of(deep).stop();
        }
        assertThat(PrivateContainerd.isReachable(containerd.socket())).isFalse();
        PrivateContainerd.of(deep).stop();
        delete(deep.getParent());
        Files.deleteIfExists(containerd.socket().getParent());
    }

    @Test
    void aServerThatComesLaterDoesNotEndWhatAnotherUses() throws Exception {
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "tailrace-owner");
        PrivateContainerd containerd = PrivateContainerd.start(directory);
        try {
            ContainerdWatch first = containerd.keepRunning();
            containerd.keepRunning().endContainerd();
            assertThat(PrivateContainerd.isReachable(containerd.socket())).isTrue();
            first.endContainerd();
            assertThat(PrivateContainerd.isReachable(containerd.socket())).isFalse();
        } finally {
            containerd.stop();
        }
        delete(directory);
    }

    @Test
    void whoLeavesLastEndsItUnlessSomethingRunsInIt() throws Exception {
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "tailrace-last");
        PrivateContainerd containerd = PrivateContainerd.start(directory);
        try {
            ContainerdWatch first = containerd.keepRunning();
            ContainerdWatch second = containerd.keepRunning();
            ContainerdWatch third = containerd.keepRunning();
            second.endIdleContainerd();
            assertThat(PrivateContainerd.isReachable(containerd.socket())).isTrue();
            first.close();
            Path bundle = Files.createDirectories(
                    directory.resolve("containerd/state/io.containerd.runtime.v2.task/tailrace/running"));
            third.endIdleContainerd();
            assertThat(PrivateContainerd.isReachable(containerd.socket())).isTrue();
            Files.delete(bundle);
            containerd.keepRunning().endIdleContainerd();
            assertThat(PrivateContainerd.isReachable(containerd.socket())).isFalse();
        } finally {
            containerd.stop();
        }
        delete(directory);
    }

    private static String pid(Path directory) throws IOException {
        return Files.readString(directory.resolve("containerd/containerd.pid"));
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> entries = Files.walk(directory)) {
            for (Path entry : entries.toList().reversed()) {
                Files.deleteIfExists(entry);
            }
        }
    }
}
