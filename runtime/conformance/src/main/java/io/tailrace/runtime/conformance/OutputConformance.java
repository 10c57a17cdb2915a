package io.tailrace.runtime.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a process writes arrives byte for byte. */
interface OutputConformance {
    Bench bench();

    @Test
    default void bothStreamsArriveApartAndWithoutALineBreakAtTheEnd() throws Exception {
        RuntimeProcess process = bench().create(bench().commands().writes("to stdout", "to stderr", 7))
                .prepare();
        Reading out = Reading.of(process.stdout());
        Reading err = Reading.of(process.stderr().orElseThrow());
        process.start();
        assertThat(Bench.text(out.await())).isEqualTo("to stdout");
        assertThat(Bench.text(err.await())).isEqualTo("to stderr");
        assertThat(Bench.exitOf(process).exitCode()).isEqualTo(7);
    }

    @Test
    default void everyByteValueArrives() throws Exception {
        RuntimeProcess process =
                bench().create(bench().commands().writesEveryByte()).prepare();
        Reading out = Reading.of(process.stdout());
        process.start();
        byte[] bytes = out.await();
        assertThat(bytes).hasSize(256);
        for (int i = 0; i < bytes.length; i++) {
            assertThat(bytes[i]).isEqualTo((byte) i);
        }
    }

    @Test
    default void manyBytesArriveExactly() throws Exception {
        int count = (5 << 20) + 3;
        RuntimeProcess process =
                bench().create(bench().commands().writesBytes(count)).prepare();
        Reading out = Reading.of(process.stdout());
        process.start();
        assertThat(out.await()).isEqualTo(bench().commands().bytes(count));
        assertThat(Bench.exitOf(process).exitCode()).isZero();
    }

    @Test
    default void aProcessWaitsWhileNobodyReads() throws Exception {
        int count = 4 << 20;
        RuntimeProcess process =
                bench().create(bench().commands().writesBytes(count)).prepare();
        process.start();
        assertThat(process.exit()).isNotDone();
        assertThat(process.status()).isEqualTo(RuntimeProcess.Status.RUNNING);
        assertThat(Reading.of(process.stdout()).await())
                .isEqualTo(bench().commands().bytes(count));
        assertThat(Bench.exitOf(process).exitCode()).isZero();
    }

    @Test
    default void outputCanBeReadAfterTheExit() throws Exception {
        RuntimeProcess process =
                bench().create(bench().commands().writes("left behind", "", 0)).prepare();
        process.start();
        Bench.exitOf(process);
        assertThat(Bench.text(Reading.of(process.stdout()).await())).isEqualTo("left behind");
    }

    @Test
    default void theEnvironmentIsTheOneThatWasAskedFor() throws Exception {
        RuntimeContainer container = bench().create(bench().commands().tellsEnvironment());
        RuntimeProcess process = container.prepare();
        Reading out = Reading.of(process.stdout());
        process.start();
        List<String> lines = Bench.text(out.await()).lines().toList();
        assertThat(lines).contains("WHO=conformance");
    }
}
