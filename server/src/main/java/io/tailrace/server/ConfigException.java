package io.tailrace.server;

/** A configuration with which no server can start. The message names the value and what was expected. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** A configuration that nothing else told to be wrong. */
    public ConfigException(String message) {
        super(message);
    }

    /** A configuration that something else told to be wrong. */
    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
