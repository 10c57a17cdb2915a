package io.tailrace.log;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * What stands at the begin of a segment: all that must be known of the records before it, big-endian.
 *
 * <pre>
 *   0  u64     0x7461696c72616365 ("tailrace")
 *   8  u32     format version, 1
 *  12  u32     length of the checkpoint, c
 *  16  u8[16]  boot id of the machine when the segment was begun
 *  32  u64     base sequence: that of the first record
 *  40  u64     base timestamp: that of the last record before; none in the segment is earlier
 *  48  u64     base offset of stdout
 *  56  u64     base offset of stderr
 *  64  u32     CRC-32 of all bytes of stdout recorded before
 *  68  u32     CRC-32 of all bytes of stderr recorded before
 *  72  u8[c]   checkpoint
 * 72+c u32     CRC-32 of bytes 0 to 71+c
 * </pre>
 */
@SuppressWarnings("ArrayRecordComponent") // headers are never compared
record SegmentHeader(
        UUID bootId,
        long sequence,
        long timestampNanos,
        long stdoutOffset,
        long stderrOffset,
        int stdoutCrc,
        int stderrCrc,
        byte[] checkpoint) {
    /** Bytes before the checkpoint. */
    static final int FIXED_BYTES = 72;

    static final int VERSION = 1;

    /** No timeline gets there; room is left to count on from it without an overflow. */
    static final long NUMBER_MAX = 1L << 62;

    private static final long MAGIC = 0x7461696c72616365L;
    private static final int SEQUENCE_AT = 32;
    private static final int CRCS_AT = 64;

    /** The header of a timeline's first segment. */
    static SegmentHeader first(UUID bootId, long sequence, TimelineConfig config) {
        return new SegmentHeader(bootId, sequence, 0, 0, 0, 0, 0, config.checkpointNow());
    }

    SegmentHeader withBootId(UUID current) {
        return new SegmentHeader(
                current, sequence, timestampNanos, stdoutOffset, stderrOffset, stdoutCrc, stderrCrc, checkpoint);
    }

    /** Bytes of the whole header on disk; records begin after them. */
    int bytes() {
        return bytes(checkpoint.length);
    }

    SegmentHeader withoutCheckpoint() {
        return new SegmentHeader(
                bootId, sequence, timestampNanos, stdoutOffset, stderrOffset, stdoutCrc, stderrCrc, new byte[0]);
    }

    byte[] encode() {
        var to = ByteBuffer.allocate(bytes());
        to.putLong(MAGIC).putInt(VERSION).putInt(checkpoint.length);
        to.putLong(bootId.getMostSignificantBits()).putLong(bootId.getLeastSignificantBits());
        to.putLong(sequence).putLong(timestampNanos).putLong(stdoutOffset).putLong(stderrOffset);
        to.putInt(stdoutCrc).putInt(stderrCrc).put(checkpoint);
        to.putInt(Checksum.of(to.array(), 0, to.position()));
        return to.array();
    }

    /**
     * Length of the whole header, from its first {@link #FIXED_BYTES}.
     *
     * @throws DamagedRecordException if they are none
     */
    static int length(ByteBuffer fixed) throws DamagedRecordException {
        if (fixed.getLong(0) != MAGIC) {
            throw new DamagedRecordException("no segment header");
        }
        if (fixed.getInt(8) != VERSION) {
            throw new DamagedRecordException("format version %d (expected: %d)".formatted(fixed.getInt(8), VERSION));
        }
        var checkpointBytes = fixed.getInt(12);
        if (checkpointBytes < 0 || checkpointBytes > Timeline.CHECKPOINT_BYTES_MAX) {
            throw new DamagedRecordException("checkpoint of %d bytes (expected: at most %d)"
                    .formatted(checkpointBytes, Timeline.CHECKPOINT_BYTES_MAX));
        }
        return bytes(checkpointBytes);
    }

    /**
     * Reads one from {@link #length} bytes.
     *
     * @throws DamagedRecordException if their checksum is wrong, or a number is none that a timeline can have
     */
    static SegmentHeader decode(ByteBuffer from) throws DamagedRecordException {
        var crcAt = from.capacity() - Integer.BYTES;
        if (from.getInt(crcAt) != Checksum.of(from.slice(0, crcAt))) {
            throw new DamagedRecordException("segment header with a wrong checksum");
        }
        var checkpoint = new byte[crcAt - FIXED_BYTES];
        from.get(FIXED_BYTES, checkpoint);
        for (int at = SEQUENCE_AT; at < CRCS_AT; at += Long.BYTES) {
            var number = from.getLong(at);
            if (number < (at == SEQUENCE_AT ? 1 : 0) || number > NUMBER_MAX) {
                throw new DamagedRecordException(
                        "number %d at byte %d (expected: up to %d)".formatted(number, at, NUMBER_MAX));
            }
        }
        return new SegmentHeader(
                new UUID(from.getLong(16), from.getLong(24)),
                from.getLong(32),
                from.getLong(40),
                from.getLong(48),
                from.getLong(56),
                from.getInt(64),
                from.getInt(68),
                checkpoint);
    }

    /** Bytes of a whole header on disk. */
    static int bytes(int checkpointBytes) {
        return FIXED_BYTES + checkpointBytes + Integer.BYTES;
    }
}
