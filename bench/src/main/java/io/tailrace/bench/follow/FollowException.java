package io.tailrace.bench.follow;

/** Somebody did not receive what was sent; the message says who, and what was expected. */
public final class FollowException extends RuntimeException {
    FollowException(String message) {
        super(message);
    }

    FollowException(String message, Throwable cause) {
        super(message, cause);
    }
}
