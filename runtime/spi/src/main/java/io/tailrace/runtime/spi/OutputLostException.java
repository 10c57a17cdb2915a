package io.tailrace.runtime.spi;

import java.io.IOException;

/** Says that bytes of an output are missing here, and nobody knows how many. What comes behind them can be read. */
public final class OutputLostException extends IOException {
    private static final long serialVersionUID = 1;

    /** A loss. @param message why, for people */
    public OutputLostException(String message) {
        super(message);
    }
}
