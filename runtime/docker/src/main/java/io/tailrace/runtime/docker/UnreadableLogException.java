package io.tailrace.runtime.docker;

import java.io.IOException;

/** The engine's log cannot be read at a place, however often it is tried: it says so, or what it sends is no message. */
final class UnreadableLogException extends IOException {
    private static final long serialVersionUID = 1;

    UnreadableLogException(String message) {
        super(message);
    }
}
