package io.tailrace.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.OutputLostException;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines longer than the 16 KiB in which the engine logs them at once, after this server was restarted. */
@Tag("docker")
@Timeout(180)
@ExtendWith(DockerdExtension.class)
class LongLinesTest {
    private static final long PATIENCE_SECONDS = 90;
    private static final TerminalSize TERMINAL = new TerminalSize(80, 24);

    private final TestDockerd dockerd;
    private DockerRuntime runtime;

    LongLinesTest(TestDockerd dockerd) {
        this.dockerd = dockerd;
        runtime = dockerd.connect();
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    /** Lengths around those at which the engine cuts, each a line, twice over. */
    private static String lines(int last) {
        StringBuilder script = new StringBuilder("line() { yes x | tr -d '\\n' | head -c $1; }; ");
        for (int length : List.of(0, 1, 16_383, 16_384, 16_385, 20_000, 32_768, 40_000, 49_152, 5)) {
            script.append("line %d; echo; ".formatted(length));
        }
        return script.append("line %d".formatted(last)).toString();
    }

    private RuntimeContainer create(String script, @Nullable TerminalSize terminal) {
        ProcessSpec plain = ProcessSpec.of(List.of("sh", "-c", script));
        ProcessSpec process = new ProcessSpec(
                plain.arguments(),
                plain.environment(),
                plain.workingDirectory(),
                plain.user(),
                plain.groups(),
                false,
                terminal,
                false,
                List.of(),
                List.of(),
                false,
                List.of());
        return runtime.create(ContainerSpec.of(TestDockerd.newId(), TestDockerd.IMAGE, process));
    }

    private static ReadableByteChannel open(RuntimeProcess process, long position) throws IOException {
        return ((ProcessOutput.Kept) process.stdout()).source().open(position);
    }

    /** All that comes, with the losses counted. */
    private static int read(ReadableByteChannel channel, ByteArrayOutputStream all) throws IOException {
        ByteBuffer some = ByteBuffer.allocate(5_000);
        int losses = 0;
        while (true) {
            try {
                if (channel.read(some.clear()) < 0) {
                    return losses;
                }
                all.write(some.array(), 0, some.position());
            } catch (OutputLostException e) {
                losses++;
            }
        }
    }

    private RuntimeProcess again(RuntimeContainer container, boolean isFromElsewhere) {
        runtime.close();
        runtime = isFromElsewhere ? dockerd.connectFromElsewhere() : dockerd.connect();
        return runtime.recover(container.handle()).process().orElseThrow();
    }

    private void end(RuntimeProcess process, RuntimeContainer container) throws Exception {
        process.exit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        process.delete();
        runtime.recover(container.handle()).remove();
    }

    @ParameterizedTest
    @CsvSource({"false, 0", "false, 30000", "false, 32768", "true, 0", "true, 30000", "true, 32768"})
    void aLineBreakIsMissingAfterARestart(boolean hasTerminal, int last) throws Exception {
        RuntimeContainer container = create(lines(last), hasTerminal ? TERMINAL : null);
        RuntimeProcess process = container.prepare();
        process.start();
        ByteArrayOutputStream live = new ByteArrayOutputStream();
        assertThat(read(open(process, 0), live)).isZero();
        process.exit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        for (int taken : new int[] {0, 1, 16_384, 50_000, live.size()}) {
            process = again(container, false);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.write(live.toByteArray(), 0, taken);
            assertThat(read(open(process, taken), all)).isZero();
            assertThat(all.toByteArray()).isEqualTo(live.toByteArray());
        }
        end(process, container);
    }

    @Test
    void aLineBreakIsMissingWithoutAWordWhereTheEnginesFilesCannotBeRead() throws Exception {
        RuntimeContainer container = create(lines(0), null);
        RuntimeProcess process = container.prepare();
        process.start();
        process.exit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        process = again(container, true);
        assertThat(read(open(process, 0), new ByteArrayOutputStream())).isEqualTo(1);
        end(process, container);
    }

    @Test
    void linesOfUsualLengthAreSaidToBeLostWhereTheEnginesFilesCannotBeRead() throws Exception {
        RuntimeContainer container = create("seq 30000", null);
        RuntimeProcess process = container.prepare();
        process.start();
        process.exit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        process = again(container, true);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        assertThat(read(open(process, 0), all)).isZero();
        assertThat(all.toString(StandardCharsets.UTF_8))
                .startsWith("1\n2\n")
                .endsWith("\n30000\n")
                .hasSize(168_894);
        end(process, container);
    }

    @Test
    void theEngineIsKilledWhileItsLogIsFollowedAndWhatItHadNotLoggedIsMissingWithoutAWord() throws Exception {
        RuntimeContainer container =
                create("i=0; while [ $i -lt 100 ]; do echo $i; i=$((i + 1)); sleep 0.1; done", null);
        RuntimeProcess process = container.prepare();
        process.start();
        process = again(container, false);
        ReadableByteChannel out = open(process, 0);
        assertThat(out.read(ByteBuffer.allocate(2))).isEqualTo(2);
        dockerd.killAndRestart();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        assertThat(read(out, all)).isEqualTo(1);
        assertThat(all.toString(StandardCharsets.UTF_8)).endsWith("\n99\n");
        List<String> lines = all.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).doesNotHaveDuplicates();
        end(process, container);
    }
}
