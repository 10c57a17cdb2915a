package io.tailrace.bench.follow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * The receiving end of one stream of output: stamped lines first, whose lag it notes, then anything. Counts every byte
 * and adds it to a checksum. One thread feeds it; the counts that others wait for are volatile.
 */
public final class Follower implements Stage {
    private final long[] lagNanos;
    private final byte[] line = new byte[StampedLine.BYTES];
    private final CRC32 crc32 = new CRC32();
    private volatile boolean isReady;
    private volatile int lines;
    private volatile long bytes;
    private volatile boolean hasEnded;
    private volatile long endNanos;
    private volatile String failure = "";

    /** @param stampedLines how many lines come first that say when they were written */
    public Follower(int stampedLines) {
        lagNanos = new long[stampedLines];
    }

    @Override
    public void accept(ByteBuffer received) throws IOException {
        crc32.update(received.duplicate());
        long position = bytes;
        long total = position + received.remaining();
        long stampedBytes = (long) lagNanos.length * StampedLine.BYTES;
        if (position < stampedBytes) {
            long now = System.nanoTime();
            while (received.hasRemaining() && position < stampedBytes) {
                line[(int) (position % StampedLine.BYTES)] = received.get();
                position++;
                if (position % StampedLine.BYTES == 0) {
                    noteLine(now);
                }
            }
        }
        received.position(received.limit());
        bytes = total;
    }

    private void noteLine(long now) throws IOException {
        int number = lines;
        if (StampedLine.number(line) != number) {
            throw new IOException("line %d arrived (expected: line %d)".formatted(StampedLine.number(line), number));
        }
        lagNanos[number] = now - StampedLine.nanos(line);
        lines = number + 1;
    }

    @Override
    public void end() {
        if (!hasEnded) {
            endNanos = System.nanoTime();
            hasEnded = true;
        }
    }

    /** Notes that the server has answered. */
    public void ready() {
        isReady = true;
    }

    /** Notes why nothing more will come. */
    public void fail(String reason) {
        failure = reason;
        end();
    }

    boolean isReady() {
        return isReady;
    }

    int lines() {
        return lines;
    }

    /** Bytes so far. */
    public long bytes() {
        return bytes;
    }

    boolean hasEnded() {
        return hasEnded;
    }

    /** {@link System#nanoTime} at the end. */
    long endNanos() {
        return endNanos;
    }

    /** CRC-32 of all bytes; for after the end. */
    long crc32() {
        return crc32.getValue();
    }

    String failure() {
        return failure;
    }

    /** How long each stamped line took from the writer to here. */
    long[] lagNanos() {
        return lagNanos;
    }
}
