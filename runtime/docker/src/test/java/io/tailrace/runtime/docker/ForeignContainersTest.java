package io.tailrace.runtime.docker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.runtime.spi.ForeignContainer;
import io.tailrace.runtime.spi.OutputLostException;
import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers that others made, on a real engine: {@link OtherClient} is the others. */
@Tag("docker")
@Timeout(180)
@ExtendWith(DockerdExtension.class)
class ForeignContainersTest {
    private static final long PATIENCE_SECONDS = 60;

    private final TestDockerd dockerd;
    private final OtherClient others;
    private DockerRuntime runtime;

    ForeignContainersTest(TestDockerd dockerd) {
        this.dockerd = dockerd;
        others = new OtherClient(dockerd.config.socket());
        runtime = dockerd.connectToAll();
    }

    @AfterEach
    void close() {
        others.close();
        runtime.close();
        runtime = dockerd.connectToAll();
        // A look at one that is gone forgets what was written down of it.
        others.made().forEach(id -> runtime.foreign().orElseThrow().look(id));
        runtime.close();
    }

    private ForeignContainer look(String id) {
        return runtime.foreign().orElseThrow().look(id).orElseThrow();
    }

    private RuntimeContainer recover(String id) {
        return runtime.recover(look(id).handle());
    }

    private RuntimeContainer again(String id) {
        runtime.close();
        runtime = dockerd.connectToAll();
        return recover(id);
    }

    private static InputStream from(ProcessOutput output, long position) throws IOException {
        return Channels.newInputStream(((ProcessOutput.Kept) output).source().open(position));
    }

    private static String all(InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    private static ProcessExit exit(RuntimeProcess process) throws Exception {
        return process.exit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** The run that others have begun. */
    private RuntimeProcess begun(String id) {
        RuntimeProcess process = recover(id).prepare();
        process.start();
        return process;
    }

    private void awaitNewRun(String id) throws InterruptedException {
        long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!look(id).hasNewRun()) {
            assertThat(System.nanoTime()).as("a new run").isLessThan(untilNanos);
            Thread.sleep(20);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"json-file", "local"})
    void outputIsLostOrDoubledByRestarts(String driver) throws Exception {
        String id = others.run(
                driver, Map.of(), "for i in 1 2 3 4 5 6; do yes same | head -n 20000; sleep 0.3; done; exit 7");
        assertThat(runtime.handles()).isEmpty();
        assertThat(runtime.foreign().orElseThrow().running()).containsExactly(id);
        RuntimeProcess process = begun(id);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int restart = 0; restart < 3; restart++) {
            all.writeBytes(from(process.stdout(), all.size()).readNBytes(70_001));
            process = again(id).process().orElseThrow();
        }
        all.writeBytes(from(process.stdout(), all.size()).readAllBytes());
        assertThat(all.toString(StandardCharsets.UTF_8)).isEqualTo("same\n".repeat(120_000));
        assertThat(exit(process).exitCode()).isEqualTo(7);
        process.delete();
        assertThat(look(id).hasNewRun()).isFalse();
    }

    @Test
    void ofATerminalALongPieceOrATimeIsTakenForOutput() throws Exception {
        String id = others.run(
                "json-file",
                Map.of("Tty", true),
                "printf '2026-01-01T00:00:00.000000000Z no time\\n'; yes x | tr -d '\\n' | head -c 40000; sleep 1; echo end");
        RuntimeProcess process = begun(id);
        String expected = "2026-01-01T00:00:00.000000000Z no time\r\n" + "x".repeat(40_000) + "end\r\n";
        InputStream out = from(process.stdout(), 0);
        assertThat(out.readNBytes(20_000)).asString(StandardCharsets.UTF_8).isEqualTo(expected.substring(0, 20_000));
        process = again(id).process().orElseThrow();
        assertThat(all(from(process.stdout(), 20_000))).isEqualTo(expected.substring(20_000));
        assertThat(process.stderr()).isEmpty();
        exit(process);
        process.delete();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "syslog"})
    void aLogThatKeepsNothingIsNotToldByAGap(String driver) throws Exception {
        try (DatagramSocket collector = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            // Of a driver that cannot be read by itself the engine keeps a copy, unless it is told not to.
            Map<String, String> options = driver.equals("none")
                    ? Map.of()
                    : Map.of("cache-disabled", "true", "syslog-address", "udp://127.0.0.1:" + collector.getLocalPort());
            String id = others.run(
                    driver,
                    options,
                    Map.of(),
                    "echo before; sleep 1; i=0; while [ $i -lt 10 ]; do echo $i; i=$((i + 1)); sleep 0.1; done");
            assertThat(look(id).waitsForReader()).isTrue();
            RuntimeProcess process = begun(id);
            InputStream out = from(process.stdout(), 0);
            assertThatThrownBy(out::read).isInstanceOf(OutputLostException.class);
            assertThat(all(out)).endsWith("8\n9\n");
            assertThat(exit(process).exitCode()).isZero();
            process.delete();
        }
    }

    @Test
    void runsOfTheEnginesRestartPolicyGetEachOthersOutputOrExits() throws Exception {
        String id = others.run(
                "json-file",
                Map.of("HostConfig", Map.of("RestartPolicy", Map.of("Name", "on-failure", "MaximumRetryCount", 2))),
                "n=$(cat /tmp/n || echo 0); echo $((n + 1)) > /tmp/n; echo run $n; sleep 1; echo end $n; exit $((n + 3))");
        for (int run = 0; run < 3; run++) {
            awaitNewRun(id);
            RuntimeProcess process = begun(id);
            assertThat(all(from(process.stdout(), 0))).isEqualTo("run %d\nend %d\n".formatted(run, run));
            assertThat(exit(process).exitCode()).isEqualTo(run + 3);
            process.delete();
        }
        assertThat(look(id).hasNewRun()).isFalse();
    }

    @Test
    void whatRotationTookIsMissingWithoutAGapOrDoubled() throws Exception {
        String id = others.run(
                "json-file",
                Map.of("max-size", "100k", "max-file", "2"),
                Map.of(),
                "i=0; while [ $i -lt 6 ]; do seq $((i * 1000)) $((i * 1000 + 999)); i=$((i + 1)); sleep 0.4; done; sleep 2");
        RuntimeProcess process = begun(id);
        InputStream out = from(process.stdout(), 0);
        byte[] first = out.readNBytes(2_000);
        runtime.close();
        Thread.sleep(4_000);
        runtime = dockerd.connectToAll();
        process = recover(id).process().orElseThrow();
        InputStream rest = from(process.stdout(), first.length);
        assertThatThrownBy(rest::read).isInstanceOf(OutputLostException.class);
        List<Integer> left = all(rest).lines().map(Integer::valueOf).toList();
        assertThat(left).isSorted().doesNotHaveDuplicates().last().isEqualTo(5_999);
        assertThat(left.getFirst()).isGreaterThan(1_000);
        exit(process);
        process.delete();
    }

    @Test
    void whatWasTakenBehindTheLastMarkIsDoubledAfterARotation() throws Exception {
        // A line takes some 75 bytes of the log, so each of its files has 1,300. The mark is in the first, which is
        // removed.
        String id = others.run(
                "json-file",
                Map.of("max-size", "100k", "max-file", "2"),
                Map.of(),
                "seq 0 2499; sleep 2; seq 2500 3399; sleep 2");
        RuntimeProcess process = begun(id);
        InputStream out = from(process.stdout(), 0);
        byte[] first = out.readNBytes(100);
        byte[] second = out.readNBytes(9_900);
        assertThat(new String(second, US_ASCII)).contains("\n2199\n").doesNotContain("\n2499\n");
        runtime.close();
        Thread.sleep(4_000);
        runtime = dockerd.connectToAll();
        process = recover(id).process().orElseThrow();
        InputStream rest = from(process.stdout(), first.length + second.length);
        assertThatThrownBy(rest::read).isInstanceOf(OutputLostException.class);
        StringBuilder left = new StringBuilder();
        try {
            for (int next = rest.read(); next >= 0; next = rest.read()) {
                left.append((char) next);
            }
        } catch (OutputLostException e) {
            left.append('\n'); // all that was left may be what is skipped
        }
        assertThat(left.toString().lines().filter(line -> line.length() == 4).map(Integer::valueOf))
                .isSorted()
                .allSatisfy(line -> assertThat(line).isGreaterThan(2_199));
        exit(process);
        process.delete();
    }

    @Test
    void aRunBeforeTheAdoptionIsTakenUpOrNotToldByAGap() throws Exception {
        String id = others.run("json-file", Map.of(), "echo run; test -e /tmp/n && sleep 2; echo > /tmp/n");
        others.await(id);
        runtime.close();
        runtime = dockerd.connectToAll();
        assertThat(look(id).hasNewRun()).isFalse();
        others.tell(id, "/start");
        RuntimeProcess process = begun(id);
        InputStream out = from(process.stdout(), 0);
        assertThatThrownBy(out::read).isInstanceOf(OutputLostException.class);
        assertThat(all(out)).isEqualTo("run\n");
        exit(process);
        process.delete();
    }

    @Test
    void oneThatIsStartedHereOrShortLivedOrRemovedByOthersIsNotFollowed() throws Exception {
        String id = others.run("json-file", Map.of(), "echo short; exit 5");
        others.await(id);
        assertThat(look(id).hasNewRun()).isTrue();
        RuntimeProcess process = begun(id);
        assertThat(all(from(process.stdout(), 0))).isEqualTo("short\n");
        assertThat(exit(process).exitCode()).isEqualTo(5);
        process.delete();
        RuntimeContainer container = recover(id);
        process = container.prepare();
        assertThat(process.status()).isEqualTo(RuntimeProcess.Status.CREATED);
        process.start();
        assertThat(all(from(process.stdout(), 0))).isEqualTo("short\n");
        assertThat(exit(process).exitCode()).isEqualTo(5);
        process.delete();

        String sleeper = others.run("json-file", Map.of(), "echo up; sleep 3600");
        process = begun(sleeper);
        InputStream out = from(process.stdout(), 0);
        assertThat(out.readNBytes(3)).asString(StandardCharsets.UTF_8).isEqualTo("up\n");
        others.tell(sleeper, "/pause");
        assertThat(look(sleeper).status()).isEqualTo(RuntimeProcess.Status.PAUSED);
        others.tell(sleeper, "/unpause");
        others.remove(sleeper);
        assertThat(exit(process).exitCode()).isEqualTo(137);
        process.delete();
        assertThat(runtime.foreign().orElseThrow().look(sleeper)).isEmpty();
    }
}
