package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tailrace.log.StdStream;
import io.tailrace.runtime.conformance.Scripts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real small file system; skipped where none can be mounted. */
@Timeout(120)
class FullDiskTest {
    private static final int DISK_MIB = 8;

    @TempDir
    Path directory;

    private Path disk;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(directory.resolve("disk"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=" + DISK_MIB + "m", "tmpfs", disk.toString()));
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", "-l", disk.toString());
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    }

    @Test
    void onAFullDiskTheContainerWaitsAndNothingIsLost() throws Exception {
        try (TestEngine test = TestEngine.open(disk)) {
            Path ballast = disk.resolve("ballast");
            Files.write(ballast, new byte[(DISK_MIB - 3) << 20]);
            int count = 5_000_000;
            Container container = test.start("print", Integer.toString(count));
            await().until(() -> !test.engine().problems().isEmpty());
            assertThat(test.engine().problems()).singleElement().asString().contains("its output waits");
            assertThat(container.status().state()).isEqualTo(ContainerState.RUNNING);
            assertThatThrownBy(() -> test.create("true")).isInstanceOf(EngineException.class);
            Files.delete(ballast);
            TestEngine.awaitExit(container);
            assertThat(TestEngine.bytes(TestEngine.records(container.process()), StdStream.STDOUT))
                    .isEqualTo(Scripts.pattern(count));
            assertThat(test.engine().problems()).isEmpty();
        }
    }
}
