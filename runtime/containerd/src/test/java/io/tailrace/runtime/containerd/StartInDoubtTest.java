package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("containerd")
@ExtendWith(ContainerdExtension.class)
@Timeout(120)
class StartInDoubtTest {
    private static final Pattern PID = Pattern.compile("\"init_process_pid\":(\\d+)");

    private final TestContainerd containerd;

    StartInDoubtTest(TestContainerd containerd) {
        this.containerd = containerd;
    }

    private static String pid(Path state) throws IOException {
        Matcher pid = PID.matcher(Files.readString(state.resolve("state.json")));
        assertThat(pid.find()).isTrue();
        return pid.group(1);
    }

    /** What waits for its start ends, as it does when the start is cut off. */
    private static void end(Path state) throws Exception {
        assertThat(new ProcessBuilder("kill", "-9", pid(state)).start().waitFor())
                .isZero();
    }

    private Path state(RuntimeContainer container) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/run/containerd/runc", containerd.config.namespace()))) {
            return all.filter(directory ->
                            container.handle().contains(directory.getFileName().toString()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void aProcessWhoseStartWasCutOffHalfWayIsNotTakenForOneThatRan() throws Exception {
        RuntimeContainer container = containerd.create(TestContainerd.process("sleep", "1000"));
        RuntimeProcess process = container.prepare();
        Path state = state(container);
        containerd.kill();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> started = threads.submit(process::start);
            end(state);
            PrivateContainerd.start(containerd.directory);
            assertThatThrownBy(started::get)
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            ContainerRuntimeException.class,
                            failure ->
                                    assertThat(failure.code()).isEqualTo(ContainerRuntimeException.Code.UNAVAILABLE));
        }
        process.delete();
        container.prepare().start();
        assertThat(container.process().orElseThrow().status()).isEqualTo(RuntimeProcess.Status.RUNNING);
        TestContainerd.end(container);
    }

    /**
     * Lets the process begin, as {@code runc start} does, and dies before it has told anybody, as {@code runc start} does
     * when containerd is killed.
     */
    private static void beginUnnoticed(Path state) throws Exception {
        Path fifo = state.resolve("exec.fifo");
        assertThat(Files.readString(fifo)).isEqualTo("0");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aProcessThatBeganBeforeItsStartWasCutOffIsStarted(boolean isFifoGone) throws Exception {
        RuntimeContainer container = containerd.create(TestContainerd.shell("echo once; exec sleep 1000"));
        RuntimeProcess process = container.prepare();
        CompletableFuture<String> output = TestContainerd.text(process.stdout());
        Path state = state(container);
        containerd.kill();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> started = threads.submit(process::start);
            beginUnnoticed(state);
            if (isFifoGone) {
                Files.delete(state.resolve("exec.fifo"));
            }
            PrivateContainerd.start(containerd.directory);
            started.get(TestContainerd.PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        assertThat(process.status()).isEqualTo(RuntimeProcess.Status.RUNNING);
        container.pause();
        container.resume();
        TestContainerd.end(container);
        assertThat(TestContainerd.await(output)).isEqualTo("once\n");
    }

    @Test
    void aProcessThatBeganAndEndedBeforeItsStartWasCutOffIsStarted() throws Exception {
        RuntimeContainer container = containerd.create(TestContainerd.shell("echo once; exit 3"));
        RuntimeProcess process = container.prepare();
        CompletableFuture<String> output = TestContainerd.text(process.stdout());
        Path state = state(container);
        containerd.kill();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> started = threads.submit(process::start);
            ProcessHandle init = ProcessHandle.of(Long.parseLong(pid(state))).orElseThrow();
            beginUnnoticed(state);
            Awaitility.await().until(() -> !init.isAlive());
            PrivateContainerd.start(containerd.directory);
            started.get(TestContainerd.PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        assertThat(TestContainerd.await(process.exit()).exitCode()).isEqualTo(3);
        TestContainerd.end(container);
        assertThat(TestContainerd.await(output)).isEqualTo("once\n");
    }

    @Test
    void aProcessThatBeganBeforeServerAndContainerdWereKilledIsFoundStarted() throws Exception {
        RuntimeContainer before = containerd.create(TestContainerd.shell("echo once; exec sleep 1000"));
        before.prepare();
        beginUnnoticed(state(before));
        containerd.reconnect();
        RuntimeContainer container = containerd.runtime.recover(before.handle());
        RuntimeProcess process = container.process().orElseThrow();
        assertThat(process.status()).isEqualTo(RuntimeProcess.Status.RUNNING);
        CompletableFuture<String> output = TestContainerd.text(process.stdout());
        TestContainerd.end(container);
        assertThat(TestContainerd.await(output)).isEqualTo("once\n");
    }
}
