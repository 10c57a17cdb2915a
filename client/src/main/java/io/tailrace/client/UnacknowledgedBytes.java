package io.tailrace.client;

import com.google.protobuf.ByteString;

/**
 * The bytes written to stdin and not yet acknowledged, kept to be sent again: a ring of {@link #BYTES_MAX}. Offsets count
 * from the first byte written. Not thread-safe.
 */
final class UnacknowledgedBytes {
    static final int BYTES_MAX = 1 << 20;

    /** Empty until something is written. */
    private byte[] ring = new byte[0];

    private long acknowledged;
    private long written;

    long acknowledged() {
        return acknowledged;
    }

    long written() {
        return written;
    }

    /** Takes as many bytes as there is room for, and says how many. */
    int append(byte[] source, int from, int length) {
        if (ring.length == 0 && length > 0) {
            ring = new byte[BYTES_MAX];
        }
        int count = (int) Math.min(length, BYTES_MAX - (written - acknowledged));
        int at = (int) (written % BYTES_MAX);
        int head = Math.min(count, BYTES_MAX - at);
        System.arraycopy(source, from, ring, at, head);
        System.arraycopy(source, from + head, ring, 0, count - head);
        written += count;
        return count;
    }

    /** Up to a number of bytes from an offset on. */
    ByteString copy(long offset, int lengthMax) {
        int count = (int) Math.min(lengthMax, written - offset);
        int at = (int) (offset % BYTES_MAX);
        int head = Math.min(count, BYTES_MAX - at);
        var first = ByteString.copyFrom(ring, at, head);
        return head == count ? first : first.concat(ByteString.copyFrom(ring, 0, count - head));
    }

    /** Forgets what lies before an offset; false if that offset was never written, or was acknowledged before. */
    boolean acknowledge(long offset) {
        if (offset < acknowledged || offset > written) {
            return false;
        }
        acknowledged = offset;
        return true;
    }
}
