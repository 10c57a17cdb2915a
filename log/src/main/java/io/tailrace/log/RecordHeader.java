package io.tailrace.log;

import java.nio.ByteBuffer;

/**
 * What stands before each record's payload on disk: {@value #BYTES} bytes, big-endian.
 *
 * <pre>
 *  0  u8   0x54
 *  1  u8   kind
 *  2  u8   stream: 1 stdout, 2 stderr, 0 neither
 *  3  u8   flags: 1 = OPEN, its length and payload checksum are not yet known
 *  4  u32  payload length
 *  8  u64  sequence
 * 16  u64  timestamp, ns since the Unix epoch
 * 24  u64  offset of the first byte in its stream (Output); 0 for other kinds
 * 32  u32  CRC-32 of the payload
 * 36  u32  CRC-32 of bytes 0 to 35
 * </pre>
 *
 * <p>A header never lies on two pages of {@value #PAGE_BYTES} bytes: where it would, it begins on the next one, after
 * zeros. A process that is killed while it writes leaves whole pages, so that a header is old or new and never a mix.
 *
 * @param stream a StdStream's number; 0 for none
 */
record RecordHeader(
        byte kind,
        byte stream,
        boolean isOpen,
        int payloadLength,
        long sequence,
        long timestampNanos,
        long offset,
        int payloadCrc) {
    static final int BYTES = 40;
    static final int PAGE_BYTES = 4096;

    static final byte OUTPUT = 1;
    static final byte STATE = 2;
    static final byte HEALTH = 3;
    static final byte MESSAGE = 4;
    static final byte GAP = 5;
    static final byte EXIT = 6;

    private static final byte MAGIC = 0x54;
    private static final int CRC_AT = 36;
    private static final int FLAGS_AT = 3;
    private static final byte FLAG_OPEN = 1;

    /** Where the header stands that follows on bytes that end at a position of the file. */
    static long placeAfter(long position) {
        var room = PAGE_BYTES - (int) (position & (PAGE_BYTES - 1));
        return room >= BYTES ? position : position + room;
    }

    /** The header of an Output record that is about to receive bytes. */
    static RecordHeader open(StdStream stream, long sequence, long timestampNanos, long offset) {
        return new RecordHeader(OUTPUT, (byte) stream.number(), true, 0, sequence, timestampNanos, offset, 0);
    }

    /** This header with what is known when the bytes are there. */
    RecordHeader sealed(int length, int crc) {
        return new RecordHeader(kind, stream, false, length, sequence, timestampNanos, offset, crc);
    }

    /** Writes it at an index of a buffer. */
    void encode(ByteBuffer to, int at) {
        to.put(at, MAGIC)
                .put(at + 1, kind)
                .put(at + 2, stream)
                .put(at + FLAGS_AT, isOpen ? FLAG_OPEN : 0)
                .putInt(at + 4, payloadLength)
                .putLong(at + 8, sequence)
                .putLong(at + 16, timestampNanos)
                .putLong(at + 24, offset)
                .putInt(at + 32, payloadCrc)
                .putInt(at + CRC_AT, Checksum.of(to.slice(at, CRC_AT)));
    }

    /**
     * Reads one at an index of an array.
     *
     * @throws DamagedRecordException if these bytes are none
     */
    static RecordHeader decode(ByteBuffer from, int at) throws DamagedRecordException {
        if (from.get(at) != MAGIC || from.getInt(at + CRC_AT) != Checksum.of(from.slice(at, CRC_AT))) {
            throw new DamagedRecordException("no record header");
        }
        var header = new RecordHeader(
                from.get(at + 1),
                from.get(at + 2),
                from.get(at + FLAGS_AT) == FLAG_OPEN,
                from.getInt(at + 4),
                from.getLong(at + 8),
                from.getLong(at + 16),
                from.getLong(at + 24),
                from.getInt(at + 32));
        if ((from.get(at + FLAGS_AT) & ~FLAG_OPEN) != 0) {
            throw new DamagedRecordException("flags %d (expected: 0 or 1)".formatted(from.get(at + FLAGS_AT)));
        }
        if (header.kind < OUTPUT || header.kind > EXIT) {
            throw new DamagedRecordException("unknown kind %d".formatted(header.kind));
        }
        if (header.payloadLength < 0 || header.payloadLength > Payload.BYTES_MAX) {
            throw new DamagedRecordException(
                    "payload length %d (expected: 0 to %d)".formatted(header.payloadLength, Payload.BYTES_MAX));
        }
        if (header.kind == OUTPUT && !header.isOutputOfAStream()) {
            throw new DamagedRecordException("output of stream %d with %d bytes (expected: of 1 or 2, at most %d)"
                    .formatted(header.stream, header.payloadLength, Timeline.OUTPUT_BYTES_MAX));
        }
        if (header.kind != OUTPUT && (header.stream != 0 || header.offset != 0 || header.isOpen)) {
            throw new DamagedRecordException("kind %d of stream %d at offset %d, open: %s (expected: 0, 0, false)"
                    .formatted(header.kind, header.stream, header.offset, header.isOpen));
        }
        return header;
    }

    private boolean isOutputOfAStream() {
        return (stream == 1 || stream == 2) && payloadLength <= Timeline.OUTPUT_BYTES_MAX;
    }
}
