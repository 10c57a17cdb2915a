package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("containerd")
class LifecycleTest {
    private static TestContainerd containerd;

    @BeforeAll
    static void start() throws IOException {
        containerd = new TestContainerd();
    }

    @AfterAll
    static void stop() throws IOException {
        containerd.close();
    }

    @Test
    void outputAndExitCodeArrive() throws Exception {
        for (int run = 0; run < 8; run++) {
            long begun = System.nanoTime();
            RuntimeContainer container = containerd.create(TestContainerd.shell("echo out; echo err >&2; exit 3"));
            long created = System.nanoTime();
            RuntimeProcess process = container.prepare();
            long prepared = System.nanoTime();
            CompletableFuture<String> stdout = TestContainerd.text(process.stdout());
            CompletableFuture<String> stderr =
                    TestContainerd.text(process.stderr().orElseThrow());
            process.start();
            long started = System.nanoTime();
            ProcessExit exit = process.exit().get(10, TimeUnit.SECONDS);
            assertThat(stdout.get(10, TimeUnit.SECONDS)).isEqualTo("out\n");
            assertThat(stderr.get(10, TimeUnit.SECONDS)).isEqualTo("err\n");
            assertThat(exit.exitCode()).isEqualTo(3);
            assertThat(exit.isLost()).isFalse();
            long exited = System.nanoTime();
            process.delete();
            container.remove();
            System.err.printf(
                    "create %d prepare %d start %d exit %d remove %d ms%n",
                    (created - begun) / 1_000_000,
                    (prepared - created) / 1_000_000,
                    (started - prepared) / 1_000_000,
                    (exited - started) / 1_000_000,
                    (System.nanoTime() - exited) / 1_000_000);
        }
    }
}
