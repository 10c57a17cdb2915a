package io.tailrace.engine;

import org.jspecify.annotations.Nullable;

/**
 * A failure of the engine, with the one code that every door maps once to its protocol (docs/contracts/errors.md). The
 * message names the offending value and what was expected.
 */
public final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** In characters. It travels in a header: clients give up on ones of a few KiB and then see no message at all. */
    private static final int MESSAGE_MAX = 1_000;

    private final ErrorCode code;

    /** A failure that nothing else caused. */
    public EngineException(ErrorCode code, String message) {
        this(code, message, null);
    }

    /** A failure with its cause. */
    public EngineException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message.length() > MESSAGE_MAX ? message.substring(0, MESSAGE_MAX) + "..." : message, cause);
        this.code = code;
    }

    /** The one code of this failure. */
    public ErrorCode code() {
        return code;
    }
}
