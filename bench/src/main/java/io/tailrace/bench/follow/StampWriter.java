package io.tailrace.bench.follow;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32;

/** Writes stamped lines at a pace, each with one write. One thread. */
public final class StampWriter {
    private final Target target;
    private final CRC32 crc32 = new CRC32();
    private int lines;

    /** Where lines go. */
    @FunctionalInterface
    public interface Target {
        /** Writes all of a line. */
        void write(byte[] line) throws IOException;
    }

    /** A writer that begins with line 0. */
    public StampWriter(Target target) {
        this.target = target;
    }

    /** Writes a line now. */
    public void write() throws IOException {
        byte[] line = StampedLine.of(lines, System.nanoTime());
        crc32.update(line);
        lines++;
        target.write(line);
    }

    /** Writes lines, evenly spaced; a late one does not delay those after it. */
    public void pace(int count, int linesPerSecond) throws IOException, InterruptedException {
        long spacing = TimeUnit.SECONDS.toNanos(1) / linesPerSecond;
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long due = begin + i * spacing;
            for (long now = System.nanoTime(); now - due < 0; now = System.nanoTime()) {
                LockSupport.parkNanos(due - now);
                if (Thread.interrupted()) {
                    throw new InterruptedException("line " + lines);
                }
            }
            write();
        }
    }

    /** Bytes written so far. */
    public long bytes() {
        return (long) lines * StampedLine.BYTES;
    }

    /** CRC-32 of what was written, and then some. @param more of the rest, in order */
    public long crc32With(Iterable<byte[]> more) {
        more.forEach(crc32::update);
        return crc32.getValue();
    }
}
