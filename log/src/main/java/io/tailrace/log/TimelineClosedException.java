package io.tailrace.log;

import java.io.IOException;

/** The timeline was closed; it can be read to its end but not written. */
public final class TimelineClosedException extends IOException {
    private static final long serialVersionUID = 1;

    TimelineClosedException(String message) {
        super(message);
    }
}
