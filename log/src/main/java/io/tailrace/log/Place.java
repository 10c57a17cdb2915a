package io.tailrace.log;

/**
 * A place between two records of a segment, and what is known of all records before it.
 *
 * @param position in the file, where the record before ends
 * @param sequence of the record that comes next
 * @param timestampNanos of the record before; the next one's is not less
 * @param stdoutOffset where the next output of stdout stands in its stream
 * @param stderrOffset likewise of stderr
 */
record Place(long position, long sequence, long timestampNanos, long stdoutOffset, long stderrOffset) {
    /** The begin of a segment. */
    static Place beginOf(SegmentHeader header) {
        return new Place(
                header.bytes(),
                header.sequence(),
                header.timestampNanos(),
                header.stdoutOffset(),
                header.stderrOffset());
    }

    long offset(StdStream stream) {
        return stream == StdStream.STDOUT ? stdoutOffset : stderrOffset;
    }

    /** Whether a record or more lie between another place of the segment and this one. */
    boolean isBehind(Place other) {
        return position > other.position
                && sequence > other.sequence
                && timestampNanos >= other.timestampNanos
                && stdoutOffset >= other.stdoutOffset
                && stderrOffset >= other.stderrOffset;
    }

    /** The place after a record that is not a Gap. @param end where it ends in the file */
    Place after(RecordHeader header, long end) {
        return new Place(
                end,
                header.sequence() + 1,
                header.timestampNanos(),
                header.stream() == 1 ? stdoutOffset + header.payloadLength() : stdoutOffset,
                header.stream() == 2 ? stderrOffset + header.payloadLength() : stderrOffset);
    }

    /** The place after a recorded Gap. */
    Place after(TimelineRecord.Gap gap, long end) {
        return new Place(end, gap.sequence() + 1, gap.timestampNanos(), gap.stdoutTo(), gap.stderrTo());
    }
}
