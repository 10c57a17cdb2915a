package io.tailrace.runtime.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A runtime that is closed and opened again finds everything, and no byte of output is lost or doubled meanwhile. */
interface RecoveryConformance {
    Bench bench();

    @Test
    default void aRunningProcessIsFoundAgainAndGoesOnAtTheNextByte() throws Exception {
        int count = 3 << 20;
        RuntimeContainer container = bench().start(bench().commands().writesBytes(count));
        byte[] before = readSome(container.process().orElseThrow(), 100_000);
        bench().reopen();
        RuntimeProcess process =
                bench().runtime().recover(container.handle()).process().orElseThrow();
        byte[] after = Reading.of(process.stdout(), before.length).await();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(before);
        all.writeBytes(after);
        assertThat(all.toByteArray()).isEqualTo(bench().commands().bytes(count));
        assertThat(Bench.exitOf(process).exitCode()).isZero();
    }

    private static byte[] readSome(RuntimeProcess process, int count) throws Exception {
        // Closed by the reopening, or at the end of the block where it is a pipe; either way a reader that has gone.
        try (ReadableByteChannel channel = Reading.open(process.stdout(), 0)) {
            ByteBuffer some = ByteBuffer.allocate(count);
            while (some.hasRemaining() && channel.read(some) >= 0) {
                // The process is ahead of us until it is done.
            }
            return Arrays.copyOf(some.array(), some.position());
        }
    }

    @Test
    default void theOutputAndTheExitOfAProcessThatEndedMeanwhileAreNotLost() throws Exception {
        RuntimeContainer container = bench().create(bench().commands().writes("last words", "last complaint", 5));
        RuntimeProcess started = container.prepare();
        started.start();
        Bench.exitOf(started);
        bench().reopen();
        RuntimeProcess process =
                bench().runtime().recover(container.handle()).process().orElseThrow();
        assertThat(process.status()).isEqualTo(RuntimeProcess.Status.EXITED);
        assertThat(Bench.exitOf(process).exitCode()).isEqualTo(5);
        assertThat(Bench.text(Reading.of(process.stdout()).await())).isEqualTo("last words");
        assertThat(Bench.text(Reading.of(process.stderr().orElseThrow()).await()))
                .isEqualTo("last complaint");
        process.delete();
    }

    @Test
    default void aContainerWithoutAProcessIsFoundAgain() throws Exception {
        RuntimeContainer container = bench().create(bench().commands().exits(6));
        bench().reopen();
        RuntimeContainer again = bench().runtime().recover(container.handle());
        assertThat(again.process()).isEmpty();
        assertThat(again.handle()).isEqualTo(container.handle());
        RuntimeProcess process = again.prepare();
        process.start();
        assertThat(Bench.exitOf(process).exitCode()).isEqualTo(6);
    }

    @Test
    default void aPreparedProcessIsFoundAgainAndNeverRan() {
        RuntimeContainer container = bench().create(bench().commands().waits());
        container.prepare();
        bench().reopen();
        RuntimeProcess process =
                bench().runtime().recover(container.handle()).process().orElseThrow();
        assertThat(process.status()).isEqualTo(RuntimeProcess.Status.CREATED);
        process.delete();
    }

    @Test
    default void aRecoveredProcessObeys() throws Exception {
        RuntimeContainer container = bench().start(bench().commands().waits());
        bench().reopen();
        RuntimeProcess process =
                bench().runtime().recover(container.handle()).process().orElseThrow();
        assertThat(process.status()).isEqualTo(RuntimeProcess.Status.RUNNING);
        assertThat(process.pid()).isPositive();
        process.signal(9);
        assertThat(Bench.exitOf(process).exitCode()).isEqualTo(137);
    }

    @Test
    default void aHandleOfAnotherKindIsRefused() {
        assertThatThrownBy(() -> bench().runtime().recover("not a handle"))
                .isInstanceOf(ContainerRuntimeException.class)
                .extracting("code")
                .isIn(Code.INVALID_ARGUMENT, Code.NOT_FOUND);
    }
}
