package io.tailrace.runtime.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ProcessInput;
import io.tailrace.runtime.spi.RuntimeProcess;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Standard input and terminals. */
interface InputConformance {
    Bench bench();

    @Test
    default void stdinArrivesAndItsEndIsSeen() throws Exception {
        RuntimeProcess process = bench().create(
                        bench().spec(bench().process(bench().commands().copiesStdin(), true, null)))
                .prepare();
        Reading out = Reading.of(process.stdout());
        process.start();
        ProcessInput stdin = process.stdin().orElseThrow();
        byte[] sent = bench().commands().bytes(300_000);
        write(stdin, sent);
        assertThat(process.exit()).isNotDone();
        stdin.closeStdin();
        stdin.closeStdin();
        assertThat(out.await()).isEqualTo(sent);
        assertThat(Bench.exitOf(process).exitCode()).isZero();
        assertThatThrownBy(() -> stdin.write(ByteBuffer.wrap(sent))).isInstanceOf(IOException.class);
    }

    @Test
    default void aProcessWithoutStdinReadsAnEmptyOne() throws Exception {
        RuntimeProcess process =
                bench().create(bench().commands().copiesStdin()).prepare();
        assertThat(process.stdin()).isEmpty();
        Reading out = Reading.of(process.stdout());
        process.start();
        assertThat(Bench.exitOf(process).exitCode()).isZero();
        assertThat(out.await()).isEmpty();
    }

    @Test
    default void aTerminalHasItsSizeAndCanBeResized() throws Exception {
        assumeTrue(bench().can(Capability.TERMINAL));
        RuntimeProcess process = bench().create(bench().spec(bench().process(
                                bench().commands().tellsTerminalSize(), true, new TerminalSize(100, 30))))
                .prepare();
        assertThat(process.stderr()).isEmpty();
        Reading out = Reading.of(process.stdout());
        process.start();
        ProcessInput stdin = process.stdin().orElseThrow();
        write(stdin, "\n".getBytes(StandardCharsets.US_ASCII));
        await().atMost(Bench.PATIENCE).until(() -> Bench.text(out.soFar()).contains("30 100"));
        process.resize(new TerminalSize(120, 40));
        write(stdin, "\n".getBytes(StandardCharsets.US_ASCII));
        await().atMost(Bench.PATIENCE).until(() -> Bench.text(out.soFar()).contains("40 120"));
        process.signal(9);
        Bench.exitOf(process);
    }

    @Test
    default void withoutATerminalThereIsNothingToResize() {
        RuntimeProcess process = bench().create(bench().commands().waits()).prepare();
        process.start();
        assertThatThrownBy(() -> process.resize(TerminalSize.DEFAULT))
                .extracting("code")
                .isEqualTo(Code.FAILED_PRECONDITION);
    }

    private static void write(ProcessInput stdin, byte[] data) throws IOException, InterruptedException {
        ByteBuffer rest = ByteBuffer.wrap(data);
        while (rest.hasRemaining()) {
            assertThat(stdin.write(rest)).isPositive();
        }
    }
}
