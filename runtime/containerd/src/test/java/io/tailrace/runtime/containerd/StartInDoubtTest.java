package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("containerd")
@ExtendWith(ContainerdExtension.class)
@Timeout(120)
class StartInDoubtTest {
    private static final Pattern PID = Pattern.compile("\"init_process_pid\":(\\d+)");

    private final TestContainerd containerd;

    StartInDoubtTest(TestContainerd containerd) {
        this.containerd = containerd;
    }

    /** What waits for its start ends, as it does when the start is cut off. */
    private static void end(Path state) throws Exception {
        Matcher pid = PID.matcher(Files.readString(state.resolve("state.json")));
        assertThat(pid.find()).isTrue();
        assertThat(new ProcessBuilder("kill", "-9", pid.group(1)).start().waitFor())
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
}
