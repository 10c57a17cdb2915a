package io.tailrace.log;

import java.io.IOException;

/**
 * An Output record whose header is in the file before its bytes are.
 *
 * @param header OPEN
 * @param at where it stands in the file
 */
record OpenRecord(RecordHeader header, long at) {
    /** Where in a buffer a header is encoded, behind the most output there can be. */
    private static final int HEADER_INDEX = Timeline.OUTPUT_BYTES_MAX;

    long payloadAt() {
        return at + RecordHeader.BYTES;
    }

    /** Writes the open header. */
    void write(int descriptor, NativeBuffer buffer) throws IOException {
        header.encode(buffer.bytes, HEADER_INDEX);
        buffer.write(descriptor, at, HEADER_INDEX, RecordHeader.BYTES);
    }

    /**
     * Writes the final header over the bytes that are in the file, which are left at the begin of the buffer. May be
     * done again if it failed.
     *
     * @return the final header
     */
    RecordHeader seal(int descriptor, int length, NativeBuffer buffer) throws IOException {
        buffer.fill(descriptor, payloadAt(), length);
        var sealed = header.sealed(length, Checksum.of(buffer.bytes.slice(0, length)));
        sealed.encode(buffer.bytes, HEADER_INDEX);
        buffer.write(descriptor, at, HEADER_INDEX, RecordHeader.BYTES);
        return sealed;
    }
}
