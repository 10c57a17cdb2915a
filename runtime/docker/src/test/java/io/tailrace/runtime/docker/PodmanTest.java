package io.tailrace.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.ProcessInput;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import io.tailrace.runtime.spi.RuntimeProcess.Status;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** What Podman's service, which speaks the engine's API in its own manner, is used for. Skipped where there is none. */
@Tag("docker")
@Timeout(120)
@EnabledIf("io.tailrace.runtime.docker.TestPodman#isInstalled")
class PodmanTest {
    private static final long PATIENCE_SECONDS = 60;
    private static final long MEMORY_BYTES = 16 << 20;
    private static final int RUNS = 5;

    private static TestPodman podman;
    private DockerRuntime runtime;
    private RuntimeContainer container;

    @BeforeAll
    static void start() {
        podman = TestPodman.start();
    }

    @AfterAll
    static void stop() throws Exception {
        podman.close();
    }

    @BeforeEach
    void connect() {
        runtime = podman.connect();
    }

    @AfterEach
    void remove() throws IOException {
        List<Path> places = podman.places();
        assertThat(places).isNotEmpty();
        container = runtime.recover(container.handle());
        container.process().ifPresent(TestDockerd::end);
        container.remove();
        assertThat(runtime.handles()).isEmpty();
        assertThat(places).noneMatch(Files::exists);
        runtime.close();
    }

    private static ProcessSpec shell(String script) {
        return ProcessSpec.of(List.of("sh", "-c", script));
    }

    private static ProcessSpec with(ProcessSpec plain, boolean hasStdin, @Nullable TerminalSize terminal) {
        return new ProcessSpec(
                plain.arguments(),
                plain.environment(),
                plain.workingDirectory(),
                plain.user(),
                plain.groups(),
                hasStdin,
                terminal,
                false,
                List.of(),
                List.of(),
                false,
                List.of());
    }

    private RuntimeProcess start(ProcessSpec spec) {
        return start(spec, Limits.NONE);
    }

    private RuntimeProcess start(ProcessSpec spec, Limits limits) {
        container = runtime.create(
                ContainerSpec.of(TestDockerd.newId(), TestDockerd.IMAGE, spec).withLimits(limits));
        return startAgain();
    }

    private RuntimeProcess startAgain() {
        RuntimeProcess process = container.prepare();
        process.start();
        return process;
    }

    private RuntimeProcess afterRestart() {
        runtime.close();
        runtime = podman.connect();
        container = runtime.recover(container.handle());
        return container.process().orElseThrow();
    }

    private static InputStream from(ProcessOutput output, long position) throws IOException {
        return switch (output) {
            case ProcessOutput.Kept kept ->
                Channels.newInputStream(kept.source().open(position));
            case ProcessOutput.Channel channel -> Channels.newInputStream(channel.channel());
            case ProcessOutput.Pipe pipe -> throw new AssertionError(pipe);
        };
    }

    private static ProcessExit exit(RuntimeProcess process) throws Exception {
        return process.exit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static String lines(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(i -> i + "\n").collect(Collectors.joining());
    }

    @Test
    void bothStreamsAndTheExitCodeAreTold() throws Exception {
        RuntimeProcess process = start(shell("seq 20000; seq 30000 40000 >&2; exit 7"));
        InputStream err = from(process.stderr().orElseThrow(), 0);
        // Read in turns it would be held up: the engine waits for who does not read.
        var errors = new FutureTask<>(err::readAllBytes);
        Thread.ofVirtual().start(errors);
        assertThat(from(process.stdout(), 0).readAllBytes()).asString().isEqualTo(lines(1, 20_000));
        assertThat(errors.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).asString().isEqualTo(lines(30_000, 40_000));
        assertThat(exit(process).exitCode()).isEqualTo(7);
    }

    @Test
    void stdinArrivesAndItsEndIsSeen() throws Exception {
        RuntimeProcess process = start(with(shell("cat; echo end"), true, null));
        ProcessInput stdin = process.stdin().orElseThrow();
        ByteBuffer sent = ByteBuffer.wrap(lines(1, 1_000).getBytes(StandardCharsets.US_ASCII));
        while (sent.hasRemaining()) {
            stdin.write(sent);
        }
        stdin.closeStdin();
        assertThat(from(process.stdout(), 0).readAllBytes()).asString().isEqualTo(lines(1, 1_000) + "end\n");
        assertThat(exit(process).exitCode()).isZero();
    }

    /** The codes from 126 on are those that engines also have for what they could not start. */
    @Test
    void execsAreRunAndTheirExitCodesToldHoweverShortTheyAre() throws Exception {
        start(shell("sleep 3600"));
        for (int code : List.of(0, 5, 127, 0, 126, 128)) {
            RuntimeProcess exec = container.prepareExec("exec" + code, shell("echo in it; exit " + code));
            assertThat(exec.status()).isEqualTo(Status.CREATED);
            exec.start();
            assertThat(from(exec.stdout(), 0).readAllBytes()).asString().isEqualTo("in it\n");
            assertThat(exit(exec).exitCode()).isEqualTo(code);
            exec.delete();
        }
        RuntimeProcess missing = container.prepareExec("missing", ProcessSpec.of(List.of("/missing")));
        assertThatThrownBy(missing::start).extracting("code").isEqualTo(Code.COMMAND_NOT_FOUND);
        missing.delete();
    }

    @Test
    void aSignalEndsIt() throws Exception {
        RuntimeProcess process = start(shell("trap 'exit 3' TERM; echo up; while :; do sleep 0.1; done"));
        assertThat(from(process.stdout(), 0).readNBytes(3)).asString().isEqualTo("up\n");
        process.signal(15);
        assertThat(exit(process).exitCode()).isEqualTo(3);
    }

    @Test
    void aTerminalHasItsSizeTakesInputAndEndsByASignal() throws Exception {
        RuntimeProcess process = start(with(
                shell("trap 'exit 4' TERM; read line; echo got $line; stty size; while :; do sleep 0.1; done"),
                true,
                new TerminalSize(100, 30)));
        process.stdin().orElseThrow().write(ByteBuffer.wrap("it\n".getBytes(StandardCharsets.US_ASCII)));
        String shown = "it\r\ngot it\r\n30 100\r\n";
        assertThat(from(process.stdout(), 0).readNBytes(shown.length()))
                .asString()
                .isEqualTo(shown);
        process.signal(15);
        assertThat(exit(process).exitCode()).isEqualTo(4);
    }

    @Test
    void aKillAndADeathForWantOfMemoryAreToldByTheirExitCode() throws Exception {
        RuntimeProcess process = start(shell("sleep 3600"));
        process.signal(9);
        ProcessExit killed = exit(process);
        assertThat(killed.exitCode()).isEqualTo(137);
        assertThat(killed.isOutOfMemory()).isFalse();
        process.delete();
        container.remove();
        // Podman 4.3 does not say that it was for want of memory.
        process = start(
                ProcessSpec.of(List.of("tail", "/dev/zero")), new Limits(MEMORY_BYTES, MEMORY_BYTES, 0, 0, "", 0));
        assertThat(exit(process).exitCode()).isEqualTo(137);
    }

    @Test
    void eachRunHasItsOwnOutputAndItsEndIsHeardOfAtOnce() throws Exception {
        RuntimeProcess process = start(shell("echo run; printf complaint >&2; exit 6"));
        long beginNanos = System.nanoTime();
        for (int run = 1; run < RUNS; run++) {
            assertThat(exit(process).exitCode()).isEqualTo(6);
            process.delete();
            process = startAgain();
        }
        exit(process);
        // Where no events are heard, ends are looked for every five seconds only.
        assertThat(Duration.ofNanos(System.nanoTime() - beginNanos)).isLessThan(Duration.ofSeconds(5 * (RUNS - 1)));
        process = afterRestart();
        assertThat(from(process.stdout(), 0).readAllBytes()).asString().isEqualTo("run\n");
        assertThat(from(process.stderr().orElseThrow(), 4).readAllBytes())
                .asString()
                .isEqualTo("laint");
    }

    /** Podman drops lines of a log that is followed once the process has ended: so much comes that the reader is behind. */
    @Test
    void nothingIsLostOrDoubledWhenTheServerIsRestarted() throws Exception {
        RuntimeProcess process =
                start(shell("trap 'seq 2000 120000; exit 0' USR1; seq 0 1999; while :; do sleep 0.1; done"));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(from(process.stdout(), 0).readNBytes(5_001));
        process = afterRestart();
        InputStream rest = from(process.stdout(), all.size());
        all.writeBytes(rest.readNBytes(lines(0, 1_999).length() - all.size()));
        process.signal(10);
        rest.transferTo(all);
        assertThat(all.toString(StandardCharsets.UTF_8).equals(lines(0, 120_000)))
                .as("all lines, once and in order")
                .isTrue();
        assertThat(exit(process).exitCode()).isZero();
    }
}
