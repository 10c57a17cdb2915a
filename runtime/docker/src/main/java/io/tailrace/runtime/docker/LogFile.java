package io.tailrace.runtime.docker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * One stream of one run, out of the file in which the engine's log driver {@code local} keeps it. Unlike what Docker 20.10
 * reads back for its clients, it has the line break of a line longer than 16 KiB. Follows the file while the process runs,
 * and is at its end when the process is over and all was read. Read by one thread; closed by any.
 */
final class LogFile implements ReadableByteChannel {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final long POLL_MILLIS = 20;

    /**
     * Who can say how the process and the engine are.
     *
     * @param isOver whether the process is known to be over, and its log complete
     * @param breaks how often the engine was lost: see {@link EventWatch#breaks}
     */
    record Outlook(BooleanSupplier isOver, IntSupplier breaks) {}

    private final FileChannel file;
    private final String stream;
    private final long sinceNanos;
    private final Outlook outlook;
    private final int breaksBefore;

    /** What is read of the file and not taken apart: from a whole entry's beginning on. */
    private ByteBuffer ahead = ByteBuffer.allocate(BUFFER_BYTES).flip();

    /** What of an entry is not given. */
    private ByteBuffer rest = ByteBuffer.allocate(0);

    private boolean isBreakDue;
    private volatile boolean isClosed;

    /**
     * Opens the file.
     *
     * @param stream {@code stdout} or {@code stderr}
     * @param sinceNanos nanoseconds since the epoch: what was written before is of earlier runs
     */
    LogFile(Path path, String stream, long sinceNanos, Outlook outlook) throws IOException {
        file = FileChannel.open(path, StandardOpenOption.READ);
        this.stream = stream;
        this.sinceNanos = sinceNanos;
        this.outlook = outlook;
        breaksBefore = outlook.breaks().getAsInt();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int begin = target.position();
        while (target.hasRemaining()) {
            if (rest.hasRemaining() || isBreakDue) {
                give(target);
            } else if (!next()) {
                break;
            }
        }
        if (target.position() > begin || !target.hasRemaining()) {
            return target.position() - begin;
        }
        return awaitNext() ? read(target) : -1;
    }

    private void give(ByteBuffer target) {
        int count = Math.min(rest.remaining(), target.remaining());
        target.put(target.position(), rest, rest.position(), count);
        target.position(target.position() + count);
        rest.position(rest.position() + count);
        if (isBreakDue && !rest.hasRemaining() && target.hasRemaining()) {
            target.put((byte) '\n');
            isBreakDue = false;
        }
    }

    /** @return false at the end, when the process is over and no more can come */
    private boolean awaitNext() throws IOException {
        while (true) {
            if (outlook.breaks().getAsInt() != breaksBefore) {
                throw new IOException("the engine ended while its log was read");
            }
            boolean wasOver = outlook.isOver().getAsBoolean();
            if (next()) {
                return true;
            }
            if (wasOver) {
                return false;
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ClosedByInterruptException();
            }
        }
    }

    /** Goes on to the next entry of the stream, if it is there as a whole. */
    private boolean next() throws IOException {
        while (true) {
            int length = ahead.remaining() < LogEntry.FRAME_BYTES ? 0 : LogEntry.length(ahead);
            int needed = length + 2 * LogEntry.FRAME_BYTES;
            if (ahead.remaining() < needed) {
                if (!fill(needed)) {
                    return false;
                }
                continue;
            }
            LogEntry entry = LogEntry.take(ahead, length);
            if (entry.stream().equals(stream) && entry.nanos() >= sinceNanos) {
                rest = entry.line();
                isBreakDue = entry.endsLine();
                if (rest.hasRemaining() || isBreakDue) {
                    return true;
                }
            }
        }
    }

    private boolean fill(int needed) throws IOException {
        if (needed > ahead.capacity()) {
            ahead = ByteBuffer.allocate(needed).put(ahead);
        } else {
            ahead.compact();
        }
        int count = file.read(ahead);
        ahead.flip();
        return count > 0;
    }

    @Override
    public boolean isOpen() {
        return !isClosed;
    }

    @Override
    public void close() throws IOException {
        isClosed = true;
        file.close();
    }
}
