package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.api.v1.Exit;
import io.tailrace.api.v1.Output;
import io.tailrace.api.v1.Record;
import io.tailrace.delivery.Ledger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** What one reader was given of a known output, compared byte by byte as it comes. Thread-safe. */
final class Arrivals {
    private final KnownOutput expected;
    private final Lags lags;

    @GuardedBy("this") private long sequence;

    /** The place in stdout behind the last byte that came. */
    @GuardedBy("this") private long offset;

    @GuardedBy("this") private long bytes;

    @GuardedBy("this") private long lost;

    @GuardedBy("this") private long doubled;

    @GuardedBy("this") private long misplaced;

    @GuardedBy("this") private boolean isComplete;

    /** @param lags where the delay of each output is counted */
    Arrivals(KnownOutput expected, Lags lags) {
        this.expected = expected;
        this.lags = lags;
    }

    /** The next record. */
    synchronized void record(Record record) {
        if (record.getSequence() != sequence + 1) {
            throw new AssertionError("sequence: %d (expected: %d)".formatted(record.getSequence(), sequence + 1));
        }
        sequence = record.getSequence();
        switch (record.getContentCase()) {
            case OUTPUT -> {
                Output output = record.getOutput();
                lags.add(nowNanos() - record.getTimestampNanos());
                output(output.getOffset(), output.getData().asReadOnlyByteBuffer());
            }
            case EXIT -> {
                Exit exit = record.getExit();
                end(exit.getStdoutLength(), Integer.toUnsignedLong(exit.getStdoutCrc32()));
            }
            case GAP -> throw new AssertionError("a gap: " + record);
            default -> {}
        }
    }

    /** The next bytes of stdout, where they come without an offset. */
    synchronized void raw(ByteBuffer data) {
        output(offset, data);
    }

    private synchronized void output(long at, ByteBuffer data) {
        lost += Math.max(0, at - offset);
        doubled += Math.clamp(offset - at, 0, data.remaining());
        misplaced += expected.differences(at, data);
        bytes += data.remaining();
        offset = Math.max(offset, at + data.remaining());
    }

    /** The end, as the server tells it: how much it was, and its checksum. */
    synchronized void end(long length, long crc32) {
        assertThat(length).as("length that the exit tells").isEqualTo(expected.length());
        assertThat(crc32).as("CRC-32 that the exit tells").isEqualTo(expected.crc32());
        lost += Math.max(0, length - offset);
        isComplete = true;
    }

    /** Bytes that came so far. */
    synchronized long bytes() {
        return bytes;
    }

    /** Whether all that came so far was right. */
    synchronized boolean isRight() {
        return lost + doubled + misplaced == 0;
    }

    /** Fails unless the end was told. */
    synchronized void requireComplete() {
        assertThat(isComplete).as("the end was told after %d bytes", bytes).isTrue();
    }

    /** Counts what came. */
    synchronized void count(Ledger ledger) {
        ledger.attempt();
        ledger.bytes(bytes);
        ledger.lost(lost);
        ledger.doubled(doubled);
        ledger.reordered(misplaced);
    }

    private static long nowNanos() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }
}
