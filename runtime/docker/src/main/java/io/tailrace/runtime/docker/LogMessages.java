package io.tailrace.runtime.docker;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one stream of an engine's log, as it tells them with their times: a line, or a piece of one that is longer
 * than 16 KiB. Each is a frame of its own; with a terminal there are no frames, and a message ends with its line break or
 * after 16 KiB. Read by one thread; closed by any.
 */
final class LogMessages implements AutoCloseable {
    /** As long as the engine lets a message become. */
    static final int PIECE_BYTES = 16 << 10;

    /** Far more than any engine puts into a frame. */
    private static final int FRAME_BYTES_MAX = 4 << 20;

    /** A time of nanoseconds with an offset, and the space behind it. */
    private static final int TIME_BYTES_MAX = 40;

    private static final int BUFFER_BYTES = 64 << 10;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final ReadableByteChannel source;
    private final BooleanSupplier hasMore;
    private final Runnable onClose;
    private final boolean isRaw;

    /** What was read and not taken apart. */
    private ByteBuffer ahead = ByteBuffer.allocate(BUFFER_BYTES).flip();

    private boolean isEnded;

    LogMessages(EngineClient client, HttpConnection connection, boolean isRaw) {
        this(connection, connection::hasMore, () -> client.end(connection), isRaw);
    }

    /** @param hasMore whether more of the source is here already. @param isRaw whether there are no frames */
    LogMessages(ReadableByteChannel source, BooleanSupplier hasMore, Runnable onClose, boolean isRaw) {
        this.source = source;
        this.hasMore = hasMore;
        this.onClose = onClose;
        this.isRaw = isRaw;
    }

    /**
     * A message.
     *
     * @param nanos when it was logged, in nanoseconds since the epoch; all pieces of a line have its first one's
     * @param data with its line break, if it has one; valid until the next is read
     */
    record Message(long nanos, ByteBuffer data) {
        /** Whether it is a piece of a line that goes on. */
        boolean isPiece() {
            return data.remaining() >= PIECE_BYTES && data.get(data.limit() - 1) != '\n';
        }
    }

    /** The next one; waits for it. Null at the end. */
    @Nullable Message next() throws IOException {
        return isRaw ? nextOfTerminal() : nextFrame();
    }

    /** Whether the next one is here already, or on its way, so that {@link #next} does not wait for one to be logged. */
    boolean hasNext() {
        if (hasMore.getAsBoolean()) {
            return true;
        }
        if (!isRaw) {
            return ahead.remaining() >= FrameHeader.BYTES
                    && ahead.remaining() - FrameHeader.BYTES
                            >= FrameHeader.length(ahead.slice(ahead.position(), FrameHeader.BYTES));
        }
        for (int index = ahead.position(); index < ahead.limit(); index++) {
            if (ahead.get(index) == '\n') {
                return true;
            }
        }
        return ahead.remaining() >= TIME_BYTES_MAX + PIECE_BYTES;
    }

    private @Nullable Message nextFrame() throws IOException {
        if (!has(FrameHeader.BYTES)) {
            if (ahead.hasRemaining()) {
                throw new EOFException("the log ended within the header of a frame");
            }
            return null;
        }
        int stream = ahead.get(ahead.position());
        long length = FrameHeader.length(ahead.slice(ahead.position(), FrameHeader.BYTES));
        if (stream < 0 || stream > FrameHeader.FAILURE || length > FRAME_BYTES_MAX) {
            throw new UnreadableLogException("a frame of stream %d with %d bytes (expected: 0 to %d, at most %d bytes)"
                    .formatted(stream, length, FrameHeader.FAILURE, FRAME_BYTES_MAX));
        }
        int bytes = FrameHeader.BYTES + (int) length;
        if (!has(bytes)) {
            throw new EOFException("the log ended within a frame");
        }
        ByteBuffer frame = ahead.slice(ahead.position() + FrameHeader.BYTES, (int) length);
        ahead.position(ahead.position() + bytes);
        if (stream == FrameHeader.FAILURE) {
            frame.limit(Math.min(frame.limit(), FrameHeader.WORDS_MAX));
            throw new UnreadableLogException("the engine: "
                    + StandardCharsets.UTF_8.decode(frame).toString().strip());
        }
        long nanos = takeTime(frame);
        return new Message(nanos, frame.slice());
    }

    private @Nullable Message nextOfTerminal() throws IOException {
        if (!has(1)) {
            return null;
        }
        int begin = 0;
        while (begin < TIME_BYTES_MAX && at(begin) > ' ') {
            begin++;
        }
        long nanos = takeTime(ahead.slice(ahead.position(), Math.min(begin + 1, ahead.remaining())));
        begin++;
        int length = 0;
        boolean isWhole = false;
        while (length < PIECE_BYTES && !isWhole && at(begin + length) >= 0) {
            isWhole = at(begin + length) == '\n';
            length++;
        }
        ByteBuffer data = ahead.slice(ahead.position() + begin, length);
        ahead.position(ahead.position() + begin + length);
        return new Message(nanos, data);
    }

    /** The byte so far ahead; waits for it. -1 at the end. */
    private int at(int offset) throws IOException {
        return has(offset + 1) ? ahead.get(ahead.position() + offset) & 0xff : -1;
    }

    /** Takes the time that stands before a message. */
    private static long takeTime(ByteBuffer message) throws IOException {
        StringBuilder time = new StringBuilder();
        while (message.hasRemaining() && time.length() < TIME_BYTES_MAX) {
            char next = (char) (message.get() & 0xff);
            if (next == ' ') {
                return nanos(time.toString());
            }
            time.append(next);
        }
        throw new UnreadableLogException("a message that begins with \"%s\" (expected: its time)".formatted(time));
    }

    private static long nanos(String time) throws IOException {
        try {
            return nanos(OffsetDateTime.parse(time).toInstant());
        } catch (DateTimeException | ArithmeticException e) {
            throw new UnreadableLogException("a message of \"%s\" (expected: a time)".formatted(time));
        }
    }

    /** Nanoseconds since the epoch; 0 for what was before it, as Go's zero time. */
    static long nanos(Instant time) {
        if (time.getEpochSecond() < 0) {
            return 0;
        }
        return Math.addExact(Math.multiplyExact(time.getEpochSecond(), NANOS_PER_SECOND), time.getNano());
    }

    /** A time as the engine's API takes it. */
    static String text(long nanos) {
        return "%d.%09d".formatted(nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND);
    }

    /** Reads on until there are so many bytes. @return false at the end, with fewer */
    private boolean has(int bytes) throws IOException {
        while (ahead.remaining() < bytes && !isEnded) {
            if (bytes > ahead.capacity()) {
                ahead = ByteBuffer.allocate(bytes).put(ahead);
            } else {
                ahead.compact();
            }
            isEnded = source.read(ahead) < 0;
            ahead.flip();
        }
        return ahead.remaining() >= bytes;
    }

    @Override
    public void close() {
        onClose.run();
    }
}
