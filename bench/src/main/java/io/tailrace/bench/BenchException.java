package io.tailrace.bench;

/** A comparison that could not be made; its message says what was found and what was expected. */
final class BenchException extends RuntimeException {
    BenchException(String message) {
        super(message);
    }

    BenchException(String message, Throwable cause) {
        super(message, cause);
    }
}
