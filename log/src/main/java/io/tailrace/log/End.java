package io.tailrace.log;

import java.util.UUID;

/**
 * The end of a timeline: where the next record will be, and what is known of all before. Immutable, so that a reader
 * that looks at it sees numbers that belong together.
 *
 * @param segment the newest one
 * @param place in it
 * @param stdoutCrc CRC-32 of all recorded bytes of stdout
 * @param stderrCrc likewise of stderr
 */
record End(Segment segment, Place place, int stdoutCrc, int stderrCrc) {
    /** The end of a segment without records. */
    static End beginOf(Segment segment) {
        var header = segment.header();
        return new End(segment, segment.begin(), header.stdoutCrc(), header.stderrCrc());
    }

    long lastSequence() {
        return place.sequence() - 1;
    }

    /** The end after one more record, that is not a Gap. */
    End after(RecordHeader header, long position) {
        var stdout = stdoutCrc;
        var stderr = stderrCrc;
        if (header.stream() == 1) {
            stdout = Checksum.combine(stdout, header.payloadCrc(), header.payloadLength());
        } else if (header.stream() == 2) {
            stderr = Checksum.combine(stderr, header.payloadCrc(), header.payloadLength());
        }
        return new End(segment, place.after(header, position), stdout, stderr);
    }

    /** The end after one more record, a Gap. */
    End after(TimelineRecord.Gap gap, long position) {
        return new End(segment, place.after(gap, position), stdoutCrc, stderrCrc);
    }

    /** The header of a segment that begins here. */
    SegmentHeader headerOfNext(UUID bootId, byte[] checkpoint) {
        return new SegmentHeader(
                bootId,
                place.sequence(),
                place.timestampNanos(),
                place.stdoutOffset(),
                place.stderrOffset(),
                stdoutCrc,
                stderrCrc,
                checkpoint);
    }
}
