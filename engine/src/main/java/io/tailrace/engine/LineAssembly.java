package io.tailrace.engine;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Puts the bytes of one stream, which come cut anywhere, together to lines. A line ends with a newline, and with the end of
 * the stream; of one that is longer than {@link OutputLine#BYTES_MAX} the rest is left out. Holds one line. For one thread.
 */
final class LineAssembly {
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private long begunAt;
    private boolean isRestLeftOut;

    /** A line and where it stands in its stream. */
    record Line(long offset, ByteBuffer bytes) {
        /** The bytes as UTF-8; what is invalid comes out as U+FFFD. */
        String text() {
            return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
        }
    }

    /**
     * Takes bytes up to the end of the first line in them.
     *
     * @param offset of the next of them in the stream
     * @return that line; null if all were taken and it has not ended
     */
    @Nullable Line take(ByteBuffer data, long offset) {
        int first = data.position();
        while (data.hasRemaining()) {
            if (begun.size() == 0) {
                begunAt = offset + data.position() - first;
            }
            int end = endOfLine(data);
            int here = Math.min(end, data.limit()) - data.position();
            int room = isRestLeftOut ? 0 : Math.min(here, OutputLine.BYTES_MAX - begun.size());
            copy(data, room);
            if (room < here && !isRestLeftOut) {
                isRestLeftOut = true;
                return line(begun.toByteArray());
            }
            data.position(Math.min(end + 1, data.limit()));
            if (end == data.limit()) {
                return null;
            }
            if (!isRestLeftOut) {
                return line(withoutReturn(begun.toByteArray()));
            }
            isRestLeftOut = false;
        }
        return null;
    }

    /** Ends the line that has begun, where nothing follows on it. @return null if none has */
    @Nullable Line end() {
        boolean isBegun = begun.size() > 0;
        isRestLeftOut = false;
        return isBegun ? line(begun.toByteArray()) : null;
    }

    private Line line(byte[] bytes) {
        begun.reset();
        return new Line(begunAt, ByteBuffer.wrap(bytes).asReadOnlyBuffer());
    }

    private void copy(ByteBuffer data, int length) {
        byte[] bytes = new byte[length];
        data.get(bytes);
        begun.writeBytes(bytes);
    }

    /** Where the next newline is; the limit if there is none. */
    private static int endOfLine(ByteBuffer data) {
        int at = data.position();
        while (at < data.limit() && data.get(at) != '\n') {
            at++;
        }
        return at;
    }

    private static byte[] withoutReturn(byte[] line) {
        boolean hasReturn = line.length > 0 && line[line.length - 1] == '\r';
        return hasReturn ? Arrays.copyOf(line, line.length - 1) : line;
    }
}
