package io.tailrace.client;

import org.jspecify.annotations.Nullable;

/** A failure, with one code for programs and a message for people. */
public final class TailraceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final ErrorCode code;

    TailraceException(ErrorCode code, String message) {
        this(code, message, null);
    }

    TailraceException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** What kind of failure it is. */
    public ErrorCode code() {
        return code;
    }

    /** The message; never null. */
    @Override
    public String getMessage() {
        var message = super.getMessage();
        return message == null ? code.name() : message;
    }
}
