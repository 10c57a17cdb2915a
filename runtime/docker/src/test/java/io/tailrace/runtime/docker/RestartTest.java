package io.tailrace.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.OutputLostException;
import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.ProcessSpec.Ulimit;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What becomes of output and exits when this server, or the engine, ends and comes again. */
@Tag("docker")
@Timeout(180)
@ExtendWith(DockerdExtension.class)
class RestartTest {
    private static final long PATIENCE_SECONDS = 90;

    private final TestDockerd dockerd;
    private DockerRuntime runtime;

    RestartTest(TestDockerd dockerd) {
        this.dockerd = dockerd;
        runtime = dockerd.connect();
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    private static ProcessSpec shell(String script) {
        return ProcessSpec.of(List.of("sh", "-c", script));
    }

    private RuntimeContainer create(String script) {
        return runtime.create(ContainerSpec.of(TestDockerd.newId(), TestDockerd.IMAGE, shell(script)));
    }

    private static InputStream from(ProcessOutput output, long position) throws IOException {
        return Channels.newInputStream(((ProcessOutput.Kept) output).source().open(position));
    }

    private RuntimeProcess again(RuntimeContainer container) {
        runtime.close();
        runtime = dockerd.connect();
        return runtime.recover(container.handle()).process().orElseThrow();
    }

    private static ProcessExit exit(RuntimeProcess process) throws Exception {
        return process.exit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void end(RuntimeContainer container) {
        RuntimeContainer found = runtime.recover(container.handle());
        found.process().ifPresent(RuntimeProcess::delete);
        found.remove();
    }

    @Test
    void equalLinesAreLostOrDoubledByARestart() throws Exception {
        RuntimeContainer container = create("for i in 1 2 3 4 5 6; do yes same | head -n 20000; sleep 0.3; done");
        RuntimeProcess process = container.prepare();
        process.start();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int restart = 0; restart < 3; restart++) {
            all.writeBytes(from(process.stdout(), all.size()).readNBytes(70_001));
            process = again(container);
        }
        all.writeBytes(from(process.stdout(), all.size()).readAllBytes());
        assertThat(all.toString(StandardCharsets.UTF_8)).isEqualTo("same\n".repeat(120_000));
        assertThat(exit(process).exitCode()).isZero();
        end(container);
    }

    @Test
    void aSecondRunGetsOutputOfTheFirst() throws Exception {
        RuntimeContainer container = create("echo run; echo complaint >&2");
        for (int run = 0; run < 3; run++) {
            RuntimeProcess process = container.prepare();
            process.start();
            exit(process);
            process = again(container);
            container = runtime.recover(container.handle());
            assertThat(from(process.stdout(), 0).readAllBytes()).asString().isEqualTo("run\n");
            assertThat(from(process.stderr().orElseThrow(), 4).readAllBytes())
                    .asString()
                    .isEqualTo("laint\n");
            process.delete();
        }
        end(container);
    }

    @Test
    void bytesThatAreNoTextAreDamagedInTheLog() throws Exception {
        String everyByte = IntStream.range(0, 256).mapToObj("\\%03o"::formatted).collect(Collectors.joining());
        RuntimeContainer container = create("printf '" + everyByte + "'; yes x | tr -d '\\n' | head -c 40000");
        RuntimeProcess process = container.prepare();
        process.start();
        byte[] live = from(process.stdout(), 0).readAllBytes();
        exit(process);
        process = again(container);
        assertThat(from(process.stdout(), 0).readAllBytes()).hasSize(40_256).isEqualTo(live);
        end(container);
    }

    @Test
    void theEngineIsKilledAndOutputIsDoubledOrMissingWithoutAWord() throws Exception {
        RuntimeContainer container = create(
                "trap go=1 USR1; i=0; while [ $i -lt 60000 ]; do seq $i $((i + 999)); i=$((i + 1000)); sleep 0.1;"
                        + " done; until [ \"$go\" ]; do sleep 0.1; done; seq 60000 60999; exit 9");
        RuntimeProcess process = container.prepare();
        process.start();
        InputStream out = from(process.stdout(), 0);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(out.readNBytes(10_000));
        dockerd.killAndRestart();
        // It ends under an engine again: what a process leaves in its pipe while none runs, the next one throws away.
        process.signal(10);
        int losses = 0;
        boolean isEnded = false;
        while (!isEnded) {
            try {
                byte[] some = new byte[8_192];
                int count = out.read(some);
                isEnded = count < 0;
                all.write(some, 0, Math.max(0, count));
            } catch (OutputLostException e) {
                losses++;
            }
        }
        assertThat(losses).isEqualTo(1);
        assertThat(exit(process).exitCode()).isEqualTo(9);
        // One line may have lost a part of itself.
        List<String> lines = all.toString(StandardCharsets.UTF_8).lines().toList();
        long doubled = lines.size() - lines.stream().distinct().count();
        assertThat(doubled).isLessThanOrEqualTo(1);
        assertThat(lines).contains("60998");
        end(container);
    }

    @Test
    void theEngineIsKilledAndTheProcessIsOverBeforeItsOutputIsReadOn() throws Exception {
        RuntimeContainer container = create("trap 'seq 1001 2000; exit 9' USR1; seq 1000; while :; do sleep 0.1; done");
        RuntimeProcess process = container.prepare();
        process.start();
        InputStream out = from(process.stdout(), 0);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(out.readNBytes(1_000));
        dockerd.killAndRestart();
        process.signal(10);
        assertThat(exit(process).exitCode()).isEqualTo(9);
        assertThatThrownBy(() -> out.transferTo(all)).isInstanceOf(OutputLostException.class);
        out.transferTo(all);
        assertThat(all.toString(StandardCharsets.UTF_8).lines())
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 2000).mapToObj(String::valueOf).toList());
        end(container);
    }

    @Test
    void anExecIsRefusedWhereTheContainerHasRightsOfItsOwnOrIsGivenOthersThanItAsksFor() throws Exception {
        ProcessSpec init = withRights(shell("sleep 3600"), List.of("NET_ADMIN"), List.of(new Ulimit("nofile", 50, 60)));
        RuntimeContainer container = runtime.create(ContainerSpec.of(TestDockerd.newId(), TestDockerd.IMAGE, init));
        RuntimeProcess process = container.prepare();
        process.start();
        RuntimeProcess exec = container.prepareExec(
                "same",
                withRights(shell("ulimit -Hn; grep CapEff /proc/self/status"), List.of("NET_ADMIN"), init.ulimits()));
        exec.start();
        InputStream out = Channels.newInputStream(((ProcessOutput.Channel) exec.stdout()).channel());
        // Docker's own set, and NET_ADMIN.
        assertThat(out.readAllBytes()).asString().isEqualTo("60\nCapEff:\t00000000a80435fb\n");
        exit(exec);
        exec.delete();
        ProcessSpec other = withRights(shell("true"), List.of("SYS_PTRACE"), init.ulimits());
        assertThatThrownBy(() -> container.prepareExec("other", other))
                .hasMessageContaining("SYS_PTRACE")
                .extracting("code")
                .isEqualTo(Code.UNSUPPORTED);
        ProcessSpec fewer = withRights(shell("true"), List.of("NET_ADMIN"), List.of());
        assertThatThrownBy(() -> container.prepareExec("fewer", fewer))
                .hasMessageContaining("ulimits")
                .extracting("code")
                .isEqualTo(Code.UNSUPPORTED);
        process.signal(9);
        exit(process);
        end(container);
    }

    private static ProcessSpec withRights(ProcessSpec plain, List<String> capabilities, List<Ulimit> ulimits) {
        return new ProcessSpec(
                plain.arguments(),
                plain.environment(),
                plain.workingDirectory(),
                plain.user(),
                plain.groups(),
                false,
                null,
                false,
                capabilities,
                List.of(),
                false,
                ulimits);
    }

    @Test
    void anExecGetsNoSignal() throws Exception {
        RuntimeContainer container = create("sleep 3600");
        RuntimeProcess process = container.prepare();
        process.start();
        RuntimeProcess exec =
                container.prepareExec("one", shell("trap 'exit 3' USR1; echo up; while :; do sleep 0.1; done"));
        exec.start();
        InputStream out = Channels.newInputStream(((ProcessOutput.Channel) exec.stdout()).channel());
        assertThat(out.readNBytes(3)).asString().isEqualTo("up\n");
        exec.signal(10);
        assertThat(exit(exec).exitCode()).isEqualTo(3);
        assertThatThrownBy(() -> exec.signal(10)).extracting("code").isEqualTo(Code.FAILED_PRECONDITION);
        exec.delete();
        process.signal(9);
        exit(process);
        end(container);
    }
}
