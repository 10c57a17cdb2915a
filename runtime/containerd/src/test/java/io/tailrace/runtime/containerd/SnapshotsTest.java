package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.RuntimeContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("containerd")
@ExtendWith(ContainerdExtension.class)
class SnapshotsTest {
    private final TestContainerd containerd;

    SnapshotsTest(TestContainerd containerd) {
        this.containerd = containerd;
    }

    private RuntimeContainer create() {
        return containerd.runtime.create(
                ContainerSpec.of(TestContainerd.newId(), TestContainerd.IMAGE, TestContainerd.process("true")));
    }

    private Path directory() {
        return containerd.directory.resolve("containerd/root/io.containerd.snapshotter.v1.overlayfs/snapshots");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(directory())) {
            return all.map(path -> path.getFileName().toString()).toList();
        }
    }

    private long newest() throws IOException {
        return names().stream()
                .filter(name -> name.matches("\\d+"))
                .mapToLong(Long::parseLong)
                .max()
                .orElseThrow();
    }

    @Test
    void whatAKilledContainerdHadBegunDoesNotKeepTheNextContainerFromBeingMade() throws Exception {
        List<RuntimeContainer> made = new ArrayList<>();
        try {
            made.add(create());
            long newest = newest();
            List<Path> remnants = new ArrayList<>();
            for (int i = 1; i <= 3; i++) {
                remnants.add(Files.createDirectories(directory().resolve(Long.toString(newest + i) + "/fs/left")));
            }
            for (Path remnant : remnants) {
                made.add(create());
                assertThat(remnant).doesNotExist();
            }
        } finally {
            made.forEach(RuntimeContainer::remove);
        }
        Awaitility.await()
                .atMost(TestContainerd.PATIENCE_SECONDS, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(names()).as("cleared up").noneMatch(name -> name.startsWith("rm-")));
    }
}
