package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.runtime.containerd.TestContainerd.Run;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import io.tailrace.runtime.spi.ContainerSpec.Mount;
import io.tailrace.runtime.spi.ContainerSpec.NetworkMode;
import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.ProcessInput;
import io.tailrace.runtime.spi.ResourceUsage;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("containerd")
@ExtendWith(ContainerdExtension.class)
class LifecycleTest {
    private final TestContainerd containerd;

    LifecycleTest(TestContainerd containerd) {
        this.containerd = containerd;
    }

    @Test
    void outputAndExitCodeArrive() {
        Run run = containerd.run(TestContainerd.shell("echo out; echo err >&2; exit 3"));
        assertThat(run.stdout()).isEqualTo("out\n");
        assertThat(run.stderr()).isEqualTo("err\n");
        assertThat(run.exit().exitCode()).isEqualTo(3);
        assertThat(run.exit().isLost()).isFalse();
        assertThat(run.exit().isOutOfMemory()).isFalse();
    }

    @Test
    void aCommandThatIsNotThereIsToldByTheStart() {
        assertStartFails(Code.COMMAND_NOT_FOUND, "nope", "argument");
        assertStartFails(Code.COMMAND_NOT_FOUND, "/bin/nope");
    }

    @Test
    void aFileThatIsNoProgramIsToldByTheStart() {
        assertStartFails(Code.COMMAND_NOT_EXECUTABLE, "/bin/text");
        assertStartFails(Code.COMMAND_NOT_EXECUTABLE, "/etc");
    }

    private void assertStartFails(Code code, String... command) {
        RuntimeContainer container = containerd.create(TestContainerd.process(command));
        RuntimeProcess process = container.prepare();
        assertCode(code, process::start).hasMessageContaining(command[0]);
        process.delete();
        container.remove();
    }

    @Test
    void aKillIsNoLackOfMemory() {
        RuntimeContainer container = containerd.create(TestContainerd.process("sleep", "1000"));
        RuntimeProcess process = container.prepare();
        assertThat(process.status()).isEqualTo(RuntimeProcess.Status.CREATED);
        assertThat(process.pid()).isZero();
        assertCode(Code.FAILED_PRECONDITION, () -> process.signal(15));
        process.start();
        assertThat(process.status()).isEqualTo(RuntimeProcess.Status.RUNNING);
        assertThat(process.pid()).isPositive();
        assertCode(Code.FAILED_PRECONDITION, container::prepare);
        assertCode(Code.FAILED_PRECONDITION, container::remove);
        assertCode(Code.FAILED_PRECONDITION, process::delete);
        process.signal(9);
        ProcessExit exit = TestContainerd.await(process.exit());
        assertThat(exit.exitCode()).isEqualTo(137);
        assertThat(exit.isOutOfMemory()).isFalse();
        assertThat(process.status()).isEqualTo(RuntimeProcess.Status.EXITED);
        assertCode(Code.FAILED_PRECONDITION, () -> process.signal(9));
        process.delete();
        process.delete();
        container.remove();
        container.remove();
    }

    @Test
    void aKillForMemoryIsTold() {
        Limits limits = new Limits(16 << 20, 16 << 20, 0, 0, "", 0);
        Run run = containerd.run(TestContainerd.spec(
                TestContainerd.process("tail", "/dev/zero"), NetworkMode.NONE, limits, List.of(), false));
        assertThat(run.exit().exitCode()).isEqualTo(137);
        assertThat(run.exit().isOutOfMemory()).isTrue();
    }

    @Test
    void aKillIsNoLackOfMemoryEvenIfAChildHadDiedOfIt() {
        Limits limits = new Limits(16 << 20, 16 << 20, 0, 0, "", 0);
        RuntimeContainer container = containerd.create(TestContainerd.spec(
                TestContainerd.shell("tail /dev/zero; echo $?; exec sleep 1000"),
                NetworkMode.NONE,
                limits,
                List.of(),
                false));
        RuntimeProcess process = container.prepare();
        CompletableFuture<String> stdout = TestContainerd.text(process.stdout());
        process.start();
        await().until(() ->
                Files.readString(Path.of("/proc/" + process.pid() + "/cmdline")).startsWith("sleep"));
        process.signal(9);
        ProcessExit exit = TestContainerd.await(process.exit());
        assertThat(TestContainerd.await(stdout)).isEqualTo("137\n");
        assertThat(exit.exitCode()).isEqualTo(137);
        assertThat(exit.isOutOfMemory()).isFalse();
        process.delete();
        container.remove();
    }

    @Test
    void stdinEndsWhereItIsClosed() throws Exception {
        RuntimeContainer container = containerd.create(TestContainerd.interactive(null, "cat"));
        RuntimeProcess process = container.prepare();
        CompletableFuture<String> stdout = TestContainerd.text(process.stdout());
        process.start();
        ProcessInput stdin = process.stdin().orElseThrow();
        ByteBuffer text = ByteBuffer.wrap("x".repeat(3_000_000).getBytes(StandardCharsets.UTF_8));
        while (text.hasRemaining()) {
            stdin.write(text);
        }
        stdin.closeStdin();
        stdin.closeStdin();
        assertThat(TestContainerd.await(stdout)).hasSize(3_000_000);
        assertThat(TestContainerd.await(process.exit()).exitCode()).isZero();
        assertThatThrownBy(() -> stdin.write(ByteBuffer.wrap(new byte[1]))).isInstanceOf(IOException.class);
        process.delete();
        container.remove();
    }

    @Test
    void aWriterToAProcessThatDoesNotReadWaitsUntilItIsInterruptedOrTheProcessEnds() throws Exception {
        RuntimeContainer container = containerd.create(TestContainerd.interactive(null, "sleep", "1000"));
        RuntimeProcess process = container.prepare();
        process.start();
        ProcessInput stdin = process.stdin().orElseThrow();
        for (boolean isInterrupted : new boolean[] {true, false}) {
            CompletableFuture<Exception> end = new CompletableFuture<>();
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        stdin.write(ByteBuffer.allocate(1 << 16));
                    }
                } catch (IOException | InterruptedException expected) {
                    end.complete(expected);
                }
            });
            await().until(() -> writer.getState() == Thread.State.TIMED_WAITING);
            if (isInterrupted) {
                writer.interrupt();
                assertThat(TestContainerd.await(end)).isInstanceOf(InterruptedException.class);
            } else {
                process.signal(9);
                assertThat(TestContainerd.await(end)).isInstanceOf(IOException.class);
            }
        }
        TestContainerd.await(process.exit());
        process.delete();
        container.remove();
    }

    @Test
    void aTerminalHasItsSizeFromTheStartAndChangesIt() throws Exception {
        RuntimeContainer container = containerd.create(TestContainerd.interactive(
                new TerminalSize(100, 30), "/bin/sh", "-c", "stty size; echo $TERM; read line; stty size"));
        RuntimeProcess process = container.prepare();
        assertThat(process.stderr()).isEmpty();
        CompletableFuture<String> stdout = TestContainerd.text(process.stdout());
        process.start();
        process.resize(new TerminalSize(132, 50));
        process.stdin().orElseThrow().write(ByteBuffer.wrap("go\n".getBytes(StandardCharsets.UTF_8)));
        assertThat(TestContainerd.await(process.exit()).exitCode()).isZero();
        assertThat(TestContainerd.await(stdout))
                .containsPattern("(30 100|50 132)\r\nxterm\r\n")
                .contains("50 132");
        process.delete();
        container.remove();
    }

    @Test
    void theTerminalsFirstSizeIsThatOfTheSpec() {
        RuntimeContainer container =
                containerd.create(TestContainerd.interactive(new TerminalSize(100, 30), "stty", "size"));
        assertThat(TestContainerd.run(container.prepare()).stdout()).isEqualTo("30 100\r\n");
        container.remove();
    }

    @Test
    void pausedProcessesStandStillAndGoOn() {
        RuntimeContainer container = containerd.create(TestContainerd.process("sleep", "1000"));
        assertCode(Code.FAILED_PRECONDITION, container::pause);
        RuntimeProcess process = container.prepare();
        process.start();
        container.pause();
        assertThat(process.status()).isEqualTo(RuntimeProcess.Status.PAUSED);
        assertThat(process.pid()).isPositive();
        container.resume();
        assertThat(process.status()).isEqualTo(RuntimeProcess.Status.RUNNING);
        TestContainerd.end(container);
    }

    @Test
    void execProcessesHaveTheirOwnOutputUserAndExit() {
        RuntimeContainer container = containerd.create(TestContainerd.process("sleep", "1000"));
        assertCode(Code.FAILED_PRECONDITION, () -> container.prepareExec("early", TestContainerd.process("true")));
        container.prepare().start();
        Run run = TestContainerd.run(
                container.prepareExec("one", TestContainerd.shellAs("alice", "id; echo $HOME; echo e >&2; exit 5")));
        assertThat(run.stdout()).isEqualTo("""
                        uid=1000(alice) gid=1001(alice) groups=29(audio),44(video),1001(alice)
                        /home/alice
                        """);

        assertThat(run.stderr()).isEqualTo("e\n");
        assertThat(run.exit().exitCode()).isEqualTo(5);
        assertThat(TestContainerd.run(container.prepareExec("-odd..id-", TestContainerd.shell("hostname")))
                        .stdout())
                .isEqualTo(
                        container.handle().substring("containerd:1:".length()).substring(0, 12) + "\n");
        RuntimeProcess missing = container.prepareExec("missing", TestContainerd.process("nope"));
        assertCode(Code.COMMAND_NOT_FOUND, missing::start);
        missing.delete();
        assertCode(Code.ALREADY_EXISTS, () -> {
            RuntimeProcess first = container.prepareExec("twice", TestContainerd.process("true"));
            try {
                container.prepareExec("twice", TestContainerd.process("true"));
            } finally {
                first.delete();
            }
        });
        RuntimeProcess terminal =
                container.prepareExec("tty", TestContainerd.interactive(new TerminalSize(70, 20), "stty", "size"));
        assertThat(TestContainerd.run(terminal).stdout()).isEqualTo("20 70\r\n");
        TestContainerd.end(container);
    }

    @Test
    void theUserIsResolvedInTheImage() {
        assertThat(containerd
                        .run(TestContainerd.shellAs("alice", "id -u; id -g; id -G"))
                        .stdout())
                .isEqualTo("1000\n1001\n1001 29 44\n");
        assertThat(containerd
                        .run(TestContainerd.shellAs("1234:audio", "id -u; id -g"))
                        .stdout())
                .isEqualTo("1234\n29\n");
        ContainerSpec unknown = TestContainerd.spec(TestContainerd.shellAs("mallory", "id"));
        assertCode(Code.INVALID_ARGUMENT, () -> containerd.create(unknown)).hasMessageContaining("mallory");
    }

    @Test
    void mountsAndAReadOnlyRootAreAsAsked(@TempDir Path host) throws IOException {
        Files.writeString(host.resolve("file"), "from the host\n");
        List<Mount> mounts = List.of(
                new Mount(Mount.Type.BIND, host.toString(), "/rw", false, 0, List.of()),
                new Mount(Mount.Type.BIND, host.toString(), "/ro", true, 0, List.of()),
                new Mount(Mount.Type.TMPFS, "", "/scratch", false, 1 << 20, List.of()));
        Run run = containerd.run(
                TestContainerd.spec(TestContainerd.shell("""
                        cat /ro/file
                        echo written > /rw/made || echo rw
                        echo x > /ro/made || echo ro is read-only
                        echo x > /made || echo root is read-only
                        echo x > /scratch/made && echo scratch is writable
                        """), NetworkMode.NONE, Limits.NONE, mounts, true));
        assertThat(run.stdout()).isEqualTo("from the host\nro is read-only\nroot is read-only\nscratch is writable\n");
        assertThat(host.resolve("made")).hasContent("written\n");
        ContainerSpec missing = TestContainerd.spec(
                TestContainerd.process("true"),
                NetworkMode.NONE,
                Limits.NONE,
                List.of(new Mount(Mount.Type.BIND, "/does/not/exist", "/x", false, 0, List.of())),
                false);
        assertCode(Code.INVALID_ARGUMENT, () -> containerd.create(missing)).hasMessageContaining("/does/not/exist");
    }

    @Test
    void usageIsCountedAndLimitsCanBeChanged() {
        Limits limits = new Limits(64 << 20, 0, 500_000_000, 512, "0", 50);
        RuntimeContainer container = containerd.create(TestContainerd.spec(
                TestContainerd.shell("dd if=/dev/zero of=/tmp/x bs=1024 count=1024; sleep 1000"),
                NetworkMode.NONE,
                limits,
                List.of(),
                false));
        assertCode(Code.FAILED_PRECONDITION, container::usage);
        RuntimeProcess process = container.prepare();
        process.start();
        await().untilAsserted(() -> {
            ResourceUsage usage = container.usage();
            assertThat(usage.memoryBytes()).isPositive();
            assertThat(usage.memoryLimitBytes()).isEqualTo(64 << 20);
            assertThat(usage.cpuNanos()).isPositive();
            assertThat(usage.pids()).isPositive();
        });
        container.update(new Limits(128 << 20, 0, 0, 0, "", 0));
        assertThat(container.usage().memoryLimitBytes()).isEqualTo(128 << 20);
        container.update(Limits.NONE);
        assertThat(container.usage().memoryLimitBytes()).isZero();
        process.signal(9);
        TestContainerd.await(process.exit());
        process.delete();
        container.update(limits);
        container.prepare().start();
        assertThat(container.usage().memoryLimitBytes()).isEqualTo(64 << 20);
        TestContainerd.end(container);
    }

    @Test
    void aSecondRunSeesTheFilesOfTheFirst() {
        RuntimeContainer container = containerd.create(TestContainerd.shell("cat /tmp/note; echo again > /tmp/note"));
        assertThat(TestContainerd.run(container.prepare()).stdout()).isEmpty();
        assertThat(TestContainerd.run(container.prepare()).stdout()).isEqualTo("again\n");
        container.remove();
    }

    @Test
    void aProcessThatNeverStartedIsDeleted() {
        RuntimeContainer container = containerd.create(TestContainerd.process("true"));
        container.prepare().delete();
        assertThat(TestContainerd.run(container.prepare()).exit().exitCode()).isZero();
        container.remove();
    }

    @Test
    void whatCannotBeCreatedLeavesNothing() {
        ContainerSpec spec = TestContainerd.spec(TestContainerd.process("true"));
        ContainerSpec absent = ContainerSpec.of(spec.id(), "absent", spec.process());
        assertCode(Code.NOT_FOUND, () -> containerd.create(absent)).hasMessageContaining("absent");
        RuntimeContainer container = containerd.create(spec);
        assertCode(Code.ALREADY_EXISTS, () -> containerd.create(spec)).hasMessageContaining(spec.id());
        assertThat(containerd.runtime.handles()).containsExactly(container.handle());
        container.remove();
        assertCode(Code.NOT_FOUND, () -> containerd.runtime.recover(container.handle()));
    }

    @Test
    void aPrivilegedProcessSeesAllDevicesAndMayMount() {
        io.tailrace.runtime.spi.ProcessSpec privileged = new io.tailrace.runtime.spi.ProcessSpec(
                List.of("/bin/sh", "-c", "mount -t tmpfs none /tmp && echo mounted"),
                List.of(),
                "",
                "",
                List.of(),
                false,
                null,
                true,
                List.of(),
                List.of(),
                false,
                List.of());
        assertThat(containerd.run(privileged).stdout()).isEqualTo("mounted\n");
        assertThat(containerd
                        .run(TestContainerd.shell("mount -t tmpfs none /tmp && echo mounted"))
                        .stdout())
                .isEmpty();
    }

    static org.assertj.core.api.AbstractThrowableAssert<?, ?> assertCode(Code code, ThrowingCallable call) {
        return assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ContainerRuntimeException.class,
                        failure -> assertThat(failure.code())
                                .as(failure.getMessage())
                                .isEqualTo(code));
    }
}
