package io.tailrace.engine;

import org.jspecify.annotations.Nullable;

/**
 * A failure of the engine, with the one code that every door maps once to its protocol (docs/contracts/errors.md). The
 * message names the offending value and what was expected.
 */
public final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final ErrorCode code;

    /** A failure that nothing else caused. */
    public EngineException(ErrorCode code, String message) {
        this(code, message, null);
    }

    /** A failure with its cause. */
    public EngineException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** The one code of this failure. */
    public ErrorCode code() {
        return code;
    }
}
