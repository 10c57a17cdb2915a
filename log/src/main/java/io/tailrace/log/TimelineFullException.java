package io.tailrace.log;

import java.io.IOException;

/** The disk, or the quota, is full. Nothing was half-written: the append can be tried again when there is room. */
public final class TimelineFullException extends IOException {
    private static final long serialVersionUID = 1;

    TimelineFullException(String message) {
        super(message);
    }
}
