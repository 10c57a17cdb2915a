package io.tailrace.log;

import java.io.IOException;

/** Bytes on disk are not the record they should be. Never leaves this package: readers see a Gap instead. */
final class DamagedRecordException extends IOException {
    private static final long serialVersionUID = 1;

    private final boolean isCutShort;

    DamagedRecordException(String message) {
        this(message, false);
    }

    private DamagedRecordException(String message, boolean isCutShort) {
        super(message);
        this.isCutShort = isCutShort;
    }

    /** One of a file that ends within a record, as when a server was killed while it wrote that. */
    static DamagedRecordException cutShort(String message) {
        return new DamagedRecordException(message, true);
    }

    boolean isCutShort() {
        return isCutShort;
    }
}
