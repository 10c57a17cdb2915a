package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tailrace.runtime.containerd.TestContainerd.Run;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What servers, containerd and shims that come and go do to containers. */
@Tag("containerd")
@ExtendWith(ContainerdExtension.class)
class RecoveryTest {
    private final TestContainerd containerd;

    RecoveryTest(TestContainerd containerd) {
        this.containerd = containerd;
    }

    /** The server of {@link #outputWaitsForTheNextServerEvenIfTheContainerEndsMeanwhile}. */
    static final class Server {
        /** Starts a container, tells its handle, and waits to be killed. @param arguments socket, directory, script */
        public static void main(String[] arguments) throws Exception {
            ContainerdRuntime runtime =
                    ContainerdRuntime.connect(ContainerdConfig.of(Path.of(arguments[0]), Path.of(arguments[1])));
            RuntimeContainer container = runtime.create(
                    TestContainerd.spec(TestContainerd.interactive(null, "/bin/sh", "-c", arguments[2])));
            RuntimeProcess process = container.prepare();
            process.start();
            System.out.println(container.handle());
            Thread.sleep(TimeUnit.MINUTES.toMillis(5));
        }
    }

    private String startInAServerThatIsKilled(String script) throws Exception {
        Process server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Server.class.getName(),
                        containerd.daemon.socket().toString(),
                        containerd.directory.toString(),
                        script)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            return server.inputReader().readLine();
        } finally {
            server.destroyForcibly();
            server.waitFor();
        }
    }

    @Test
    void outputWaitsForTheNextServerEvenIfTheContainerEndsMeanwhile() throws Exception {
        String handle = startInAServerThatIsKilled("sleep 1; seq 1 20000; echo last >&2; exit 7");
        containerd.reconnect();
        RuntimeContainer container = containerd.runtime.recover(handle);
        RuntimeProcess process = container.process().orElseThrow();
        assertThat(TestContainerd.await(process.exit()).exitCode()).isEqualTo(7);
        await().until(() -> process.status() == RuntimeProcess.Status.EXITED);
        assertThat(TestContainerd.await(TestContainerd.text(process.stdout()))).isEqualTo(numbers(20_000));
        process.delete();
        container.remove();
    }

    @Test
    void moreOutputThanPipesHoldWaitsInTheContainer() throws Exception {
        String handle = startInAServerThatIsKilled("seq 1 500000; exit 8");
        containerd.reconnect();
        RuntimeContainer container = containerd.runtime.recover(handle);
        RuntimeProcess process = container.process().orElseThrow();
        assertThat(process.status()).isEqualTo(RuntimeProcess.Status.RUNNING);
        CompletableFuture<String> stdout = TestContainerd.text(process.stdout());
        assertThat(TestContainerd.await(stdout)).isEqualTo(numbers(500_000));
        assertThat(TestContainerd.await(process.exit()).exitCode()).isEqualTo(8);
        process.delete();
        container.remove();
    }

    @Test
    void stdinGoesOnWithTheNextServer() throws Exception {
        String handle = startInAServerThatIsKilled("cat; exit 9");
        containerd.reconnect();
        RuntimeContainer container = containerd.runtime.recover(handle);
        RuntimeProcess process = container.process().orElseThrow();
        CompletableFuture<String> stdout = TestContainerd.text(process.stdout());
        process.stdin().orElseThrow().write(ByteBuffer.wrap("hello\n".getBytes(StandardCharsets.UTF_8)));
        process.stdin().orElseThrow().closeStdin();
        assertThat(TestContainerd.await(stdout)).isEqualTo("hello\n");
        assertThat(TestContainerd.await(process.exit()).exitCode()).isEqualTo(9);
        process.delete();
        container.remove();
    }

    @Test
    void execProcessesAreFoundAgain() throws Exception {
        RuntimeContainer before = containerd.create(TestContainerd.process("sleep", "1000"));
        before.prepare().start();
        RuntimeProcess exec = before.prepareExec("job", TestContainerd.shell("sleep 0.3; echo done; exit 4"));
        exec.start();
        containerd.reconnect();
        RuntimeContainer container = containerd.runtime.recover(before.handle());
        assertThat(container.recoverExec("other")).isEmpty();
        RuntimeProcess found = container.recoverExec("job").orElseThrow();
        assertThat(TestContainerd.await(found.exit()).exitCode()).isEqualTo(4);
        assertThat(TestContainerd.await(TestContainerd.text(found.stdout()))).isEqualTo("done\n");
        found.delete();
        assertThat(container.recoverExec("job")).isEmpty();
        TestContainerd.end(container);
    }

    @Test
    void exitsArriveAcrossARestartOfContainerd() throws Exception {
        RuntimeContainer container = containerd.create(TestContainerd.shell("sleep 2; echo end; exit 6"));
        RuntimeProcess process = container.prepare();
        CompletableFuture<String> stdout = TestContainerd.text(process.stdout());
        process.start();
        containerd.daemon.stop();
        PrivateContainerd.start(containerd.directory);
        ProcessExit exit = TestContainerd.await(process.exit());
        assertThat(exit.exitCode()).isEqualTo(6);
        assertThat(exit.isLost()).isFalse();
        assertThat(TestContainerd.await(stdout)).isEqualTo("end\n");
        process.delete();
        container.remove();
    }

    @Test
    void aProcessOfWhichContainerdKnowsNothingIsLost() throws Exception {
        RuntimeContainer container = containerd.create(TestContainerd.process("sleep", "1000"));
        RuntimeProcess process = container.prepare();
        process.start();
        String id = container.handle().substring("containerd:1:".length());
        long pid = process.pid();
        containerd.daemon.stop();
        ProcessHandle shim = ProcessHandle.allProcesses()
                .filter(candidate -> candidate.info().commandLine().orElse("").contains("-id " + id))
                .findFirst()
                .orElseThrow();
        shim.destroyForcibly();
        new ProcessBuilder("kill", "-9", Long.toString(pid)).start().waitFor();
        PrivateContainerd.start(containerd.directory);
        assertThat(TestContainerd.await(process.exit()).isLost()).isTrue();
        assertThat(TestContainerd.await(TestContainerd.text(process.stdout()))).isEmpty();
        process.delete();
        container.remove();
    }

    @Test
    void anUnfinishedCreateIsFoundAndRemoved() throws Exception {
        String id = TestContainerd.newId();
        Files.createDirectories(containerd.directory.resolve("containers").resolve(id));
        String handle = "containerd:1:" + id;
        assertThat(containerd.runtime.handles()).containsExactly(handle);
        containerd.runtime.recover(handle).remove();
        assertThat(containerd.runtime.handles()).isEmpty();
    }

    @Test
    void aKeeperThatDiesIsReplacedAndHoldsAllAgain() throws Exception {
        RuntimeContainer container =
                containerd.create(TestContainerd.interactive(null, "/bin/sh", "-c", "read l; seq 1 100"));
        RuntimeProcess process = container.prepare();
        process.start();
        Path fifo = ((ProcessOutput.Pipe) process.stdout()).fifo();
        List<ProcessHandle> first = keepersOf(fifo);
        assertThat(first).hasSize(1);
        first.getFirst().destroyForcibly();
        await().atMost(20, TimeUnit.SECONDS).until(() -> {
            List<ProcessHandle> now = keepersOf(fifo);
            return now.size() == 1 && now.getFirst().pid() != first.getFirst().pid();
        });
        process.stdin().orElseThrow().write(ByteBuffer.wrap("\n".getBytes(StandardCharsets.UTF_8)));
        TestContainerd.await(process.exit());
        await().until(() -> isReadable(fifo));
        assertThat(TestContainerd.await(TestContainerd.text(process.stdout()))).isEqualTo(numbers(100));
        process.delete();
        assertThat(keepersOf(fifo)).isEmpty();
        container.remove();
    }

    @Test
    void outputHasNotEndedBeforeTheStart() {
        RuntimeContainer container = containerd.create(TestContainerd.process("sleep", "1000"));
        container.prepare().start();
        RuntimeProcess exec = container.prepareExec("late", TestContainerd.shell("echo late"));
        CompletableFuture<String> output = TestContainerd.text(exec.stdout());
        await().during(200, TimeUnit.MILLISECONDS).until(() -> !output.isDone());
        exec.start();
        assertThat(TestContainerd.await(output)).isEqualTo("late\n");
        TestContainerd.await(exec.exit());
        exec.delete();
        TestContainerd.end(container);
    }

    @Test
    void anExecThatAnEarlierServerPreparedCanBeStarted() {
        RuntimeContainer before = containerd.create(TestContainerd.process("sleep", "1000"));
        before.prepare().start();
        before.prepareExec("late", TestContainerd.shell("echo late"));
        containerd.reconnect();
        RuntimeContainer container = containerd.runtime.recover(before.handle());
        Run run = TestContainerd.run(container.recoverExec("late").orElseThrow());
        assertThat(run.stdout()).isEqualTo("late\n");
        TestContainerd.end(container);
    }

    @Test
    void theKeeperKeepsNoWriter() throws Exception {
        RuntimeContainer container = containerd.create(TestContainerd.shell("echo only"));
        Run run = TestContainerd.run(container.prepare());
        assertThat(run.stdout()).isEqualTo("only\n");
        container.remove();
    }

    @Test
    void aClosedRuntimeSaysSo(@TempDir Path directory) {
        ContainerdRuntime second =
                ContainerdRuntime.connect(ContainerdConfig.of(containerd.daemon.socket(), directory));
        second.close();
        LifecycleTest.assertCode(Code.UNAVAILABLE, second::handles);
    }

    @Test
    void aContainerdThatIsNotThereIsUnavailable(@TempDir Path directory) {
        LifecycleTest.assertCode(
                        Code.UNAVAILABLE,
                        () -> ContainerdRuntime.connect(ContainerdConfig.of(directory.resolve("none.sock"), directory)))
                .hasMessageContaining("none.sock");
    }

    private static boolean isReadable(Path fifo) throws Exception {
        try (InputStream in = TestContainerd.open(fifo)) {
            return in.available() > 0;
        }
    }

    /** The keeper's processes that have a pipe open. */
    private static List<ProcessHandle> keepersOf(Path fifo) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(Keeper.class.getName()))
                .filter(process -> hasOpen(process, fifo))
                .toList();
    }

    private static boolean hasOpen(ProcessHandle process, Path file) {
        try (var descriptors = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
            return descriptors.anyMatch(descriptor -> {
                try {
                    return Files.readSymbolicLink(descriptor).equals(file);
                } catch (java.io.IOException closed) {
                    return false;
                }
            });
        } catch (java.io.IOException gone) {
            return false;
        }
    }

    private static String numbers(int last) {
        StringBuilder text = new StringBuilder();
        for (int number = 1; number <= last; number++) {
            text.append(number).append('\n');
        }
        return text.toString();
    }

    private void killContainerd() throws Exception {
        containerd.kill();
        PrivateContainerd.start(containerd.directory);
        await().ignoreExceptions().until(() -> !containerd.runtime.handles().isEmpty());
    }

    @Test
    void aStartDuringWhichContainerdIsKilledIsAStartOrNone() throws Exception {
        for (int delayMillis = 0; delayMillis <= 60; delayMillis += 10) {
            RuntimeContainer container = containerd.create(TestContainerd.process("sleep", "1000"));
            RuntimeProcess process = container.prepare();
            CompletableFuture<Boolean> started = new CompletableFuture<>();
            Thread.startVirtualThread(() -> {
                try {
                    process.start();
                    started.complete(true);
                } catch (ContainerRuntimeException failure) {
                    started.complete(false);
                }
            });
            Thread.sleep(delayMillis);
            killContainerd();
            if (!TestContainerd.await(started)) {
                assertThat(process.status()).isNotEqualTo(RuntimeProcess.Status.RUNNING);
                process.delete();
                container.prepare().start();
            }
            assertThat(container.process().orElseThrow().status()).isEqualTo(RuntimeProcess.Status.RUNNING);
            TestContainerd.end(container);
        }
    }

    @Test
    void anExecDuringWhoseStartContainerdIsKilledDoesNotTakeItsContainerWithIt() throws Exception {
        RuntimeContainer container = containerd.create(TestContainerd.process("sleep", "1000"));
        container.prepare().start();
        for (int delayMillis = 0; delayMillis <= 150; delayMillis += 10) {
            RuntimeProcess exec = container.prepareExec("exec-" + delayMillis, TestContainerd.shell("exit 6"));
            CompletableFuture<Boolean> started = new CompletableFuture<>();
            Thread.startVirtualThread(() -> {
                try {
                    exec.start();
                    started.complete(true);
                } catch (ContainerRuntimeException failure) {
                    started.complete(false);
                }
            });
            Thread.sleep(delayMillis);
            killContainerd();
            if (TestContainerd.await(started)) {
                assertThat(TestContainerd.await(exec.exit()).exitCode()).isEqualTo(6);
            }
            exec.delete();
            assertThat(container.process().orElseThrow().status())
                    .as("after a kill %d ms into a start", delayMillis)
                    .isEqualTo(RuntimeProcess.Status.RUNNING);
        }
        TestContainerd.end(container);
    }

    @Test
    void whatRuncLeftOfAStartThatWasCutShortIsRemovedAndInNobodysWay() throws Exception {
        RuntimeContainer container = containerd.create(TestContainerd.process("sleep", "1000"));
        String id = container.handle().substring("containerd:1:".length());
        String namespace = containerd.config.namespace();
        Path state = Path.of("/run/containerd/runc", namespace, id);
        List<Path> cgroups = new Cgroup("/" + namespace + "/" + id).directories();
        leave(state, cgroups);
        Process left = new ProcessBuilder("sleep", "1000").start();
        // A cpuset takes no process before it is given processors.
        Path joinable = cgroups.stream()
                .filter(cgroup -> !cgroup.startsWith("/sys/fs/cgroup/cpuset"))
                .findFirst()
                .orElseThrow();
        Files.writeString(joinable.resolve("cgroup.procs"), Long.toString(left.pid()));
        container.prepare().start();
        assertThat(left.waitFor(10, TimeUnit.SECONDS)).isTrue();
        container.process().orElseThrow().signal(9);
        TestContainerd.await(container.process().orElseThrow().exit());
        container.process().orElseThrow().delete();
        leave(state, cgroups);
        container.remove();
        assertThat(state).doesNotExist();
        assertThat(cgroups).isNotEmpty().noneMatch(Files::exists);
    }

    private static void leave(Path state, List<Path> cgroups) throws Exception {
        Files.createDirectories(state);
        for (Path cgroup : cgroups) {
            Files.createDirectories(cgroup);
        }
    }

    @Test
    void whatContainerdDidNotGetDoneBeforeItWasKilledIsDeleted() throws Exception {
        for (int delayMillis = 0; delayMillis <= 90; delayMillis += 15) {
            RuntimeContainer container = containerd.create(TestContainerd.process("sleep", "1000"));
            CompletableFuture<RuntimeProcess> prepared =
                    CompletableFuture.supplyAsync(container::prepare, Thread::startVirtualThread);
            Thread.sleep(delayMillis);
            killContainerd();
            await().until(prepared::isDone);
            container.process().ifPresent(RuntimeProcess::delete);
            container.prepare().start();
            TestContainerd.end(container);
        }
    }
}
