package io.tailrace.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The bytes of each kind of record but Output, whose payload is the output itself. Big-endian; a word is its length in
 * bytes as u32 and its UTF-8; {@code rest} is what is left of the payload.
 *
 * <pre>
 * State    word state, u32 count, count times: word name, word value
 * Health   word status, i32 exit code, i64 duration in ns, rest output
 * Message  word topic, rest data
 * Gap      u64 stdout from, u64 stdout to, u64 stderr from, u64 stderr to, rest reason
 * Exit     u8 reason, i32 exit code, i32 signal, u64 stdout length, u32 stdout CRC-32,
 *          u64 stderr length, u32 stderr CRC-32, rest message
 * </pre>
 */
final class Payload {
    /** Most bytes of a state, status, topic or reason. */
    static final int WORD_BYTES_MAX = 4 << 10;
    /** Most bytes of any payload: the largest content, its words and its numbers. */
    static final int BYTES_MAX = (1 << 20) + (16 << 10);

    private Payload() {}

    static ByteBuffer state(String state, Map<String, String> attributes) {
        var name = word("state", state);
        var size = 0L;
        for (var entry : attributes.entrySet()) {
            size += 8L + utf8Length(entry.getKey()) + utf8Length(entry.getValue());
        }
        if (size > Timeline.ATTRIBUTES_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "attributes of %d bytes (expected: at most %d)".formatted(size, Timeline.ATTRIBUTES_BYTES_MAX));
        }
        var to = ByteBuffer.allocate(8 + name.length + (int) size);
        putWord(to, name);
        to.putInt(attributes.size());
        for (var entry : new TreeMap<>(attributes).entrySet()) {
            putWord(to, entry.getKey().getBytes(UTF_8));
            putWord(to, entry.getValue().getBytes(UTF_8));
        }
        return to.flip();
    }

    static ByteBuffer health(String status, int exitCode, long durationNanos, ByteBuffer output) {
        var name = word("status", status);
        var kept = Math.min(output.remaining(), Timeline.HEALTH_OUTPUT_BYTES_MAX);
        var to = ByteBuffer.allocate(16 + name.length + kept);
        putWord(to, name);
        return to.putInt(exitCode)
                .putLong(durationNanos)
                .put(output.slice(output.position(), kept))
                .flip();
    }

    static ByteBuffer message(String topic, ByteBuffer data) {
        var name = word("topic", topic);
        if (data.remaining() > Timeline.MESSAGE_BYTES_MAX) {
            throw new IllegalArgumentException("message of %d bytes (expected: at most %d)"
                    .formatted(data.remaining(), Timeline.MESSAGE_BYTES_MAX));
        }
        var to = ByteBuffer.allocate(4 + name.length + data.remaining());
        putWord(to, name);
        return to.put(data.duplicate()).flip();
    }

    static ByteBuffer gap(String reason, long stdoutFrom, long stdoutTo, long stderrFrom, long stderrTo) {
        var name = word("reason", reason);
        var to = ByteBuffer.allocate(32 + name.length);
        to.putLong(stdoutFrom).putLong(stdoutTo).putLong(stderrFrom).putLong(stderrTo);
        return to.put(name).flip();
    }

    static ByteBuffer exit(
            ExitReason reason,
            int exitCode,
            int signal,
            long stdoutLength,
            int stdoutCrc,
            long stderrLength,
            int stderrCrc,
            String message) {
        var text = message.getBytes(UTF_8);
        if (text.length > Timeline.MESSAGE_BYTES_MAX) {
            throw new IllegalArgumentException("exit message of %d bytes (expected: at most %d)"
                    .formatted(text.length, Timeline.MESSAGE_BYTES_MAX));
        }
        var to = ByteBuffer.allocate(33 + text.length);
        to.put((byte) reason.number()).putInt(exitCode).putInt(signal);
        to.putLong(stdoutLength).putInt(stdoutCrc).putLong(stderrLength).putInt(stderrCrc);
        return to.put(text).flip();
    }

    /**
     * The record of a header and its payload.
     *
     * @param payload read-only; becomes part of the record
     * @throws DamagedRecordException if the payload is not what the kind wants
     */
    static TimelineRecord decode(RecordHeader header, ByteBuffer payload) throws DamagedRecordException {
        var sequence = header.sequence();
        var time = header.timestampNanos();
        if (header.kind() == RecordHeader.OUTPUT) {
            return new TimelineRecord.Output(
                    sequence, time, StdStream.ofNumber(header.stream()), header.offset(), payload);
        }
        try {
            var from = payload.duplicate();
            return switch (header.kind()) {
                case RecordHeader.STATE -> new TimelineRecord.State(sequence, time, getWord(from), getAttributes(from));
                case RecordHeader.HEALTH ->
                    new TimelineRecord.Health(
                            sequence, time, getWord(from), from.getInt(), from.getLong(), from.slice());
                case RecordHeader.MESSAGE -> new TimelineRecord.Message(sequence, time, getWord(from), from.slice());
                case RecordHeader.GAP -> {
                    var ends = new long[] {from.getLong(), from.getLong(), from.getLong(), from.getLong()};
                    yield new TimelineRecord.Gap(
                            sequence, time, sequence, getRest(from), ends[0], ends[1], ends[2], ends[3]);
                }
                case RecordHeader.EXIT ->
                    new TimelineRecord.Exit(
                            sequence,
                            time,
                            ExitReason.ofNumber(from.get()),
                            from.getInt(),
                            from.getInt(),
                            from.getLong(),
                            Integer.toUnsignedLong(from.getInt()),
                            from.getLong(),
                            Integer.toUnsignedLong(from.getInt()),
                            getRest(from));
                default -> throw new DamagedRecordException("unknown kind %d".formatted(header.kind()));
            };
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new DamagedRecordException("payload that is no kind %d: %s".formatted(header.kind(), e));
        }
    }

    private static byte[] word(String what, String word) {
        var bytes = word.getBytes(UTF_8);
        if (bytes.length > WORD_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "%s of %d bytes (expected: at most %d)".formatted(what, bytes.length, WORD_BYTES_MAX));
        }
        return bytes;
    }

    private static int utf8Length(String text) {
        return text.getBytes(UTF_8).length;
    }

    private static void putWord(ByteBuffer to, byte[] word) {
        to.putInt(word.length).put(word);
    }

    private static String getWord(ByteBuffer from) {
        var length = from.getInt();
        if (length < 0 || length > from.remaining()) {
            throw new BufferUnderflowException();
        }
        var word = new byte[length];
        from.get(word);
        return new String(word, UTF_8);
    }

    private static String getRest(ByteBuffer from) {
        var rest = new byte[from.remaining()];
        from.get(rest);
        return new String(rest, UTF_8);
    }

    private static Map<String, String> getAttributes(ByteBuffer from) {
        var attributes = new LinkedHashMap<String, String>();
        for (int left = from.getInt(); left > 0; left--) {
            attributes.put(getWord(from), getWord(from));
        }
        return attributes;
    }
}
