package io.tailrace.log;

import java.io.IOException;

/** Bytes on disk are not the record they should be. Never leaves this package: readers see a Gap instead. */
final class DamagedRecordException extends IOException {
    private static final long serialVersionUID = 1;

    DamagedRecordException(String message) {
        super(message);
    }
}
