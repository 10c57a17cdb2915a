package io.tailrace.server.v1;

import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import io.tailrace.runtime.spi.TerminalSize;
import org.jspecify.annotations.Nullable;

/** Terminals as clients ask for them. */
final class Terminals {
    private Terminals() {}

    /** The terminal of a request; null if it wants none. */
    static @Nullable TerminalSize of(boolean tty, boolean isSized, io.tailrace.api.v1.TerminalSize size) {
        if (!tty) {
            return null;
        }
        return isSized ? size(size.getColumns(), size.getRows()) : TerminalSize.DEFAULT;
    }

    /** A size; INVALID_ARGUMENT if it is out of range. */
    static TerminalSize size(int columns, int rows) {
        try {
            return new TerminalSize(columns, rows);
        } catch (IllegalArgumentException e) {
            throw new EngineException(ErrorCode.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
        }
    }
}
