package io.tailrace.engine;

import java.util.Locale;

/** What a container can use too much of. */
public enum Resource {
    /** Processor time, in percent of one processor. */
    CPU,
    /** Memory, in percent of its limit; without a limit nothing is too much. */
    MEMORY,
    /** Bytes read from block devices, a second. */
    DISK_READ,
    /** Bytes written to block devices, a second. */
    DISK_WRITE,
    /** Bytes received from networks, a second. */
    NETWORK_RECEIVED,
    /** Bytes sent to networks, a second. */
    NETWORK_SENT;

    /** As timelines have it: {@code disk_read}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Resource of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
