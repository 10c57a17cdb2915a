package io.tailrace.cli;

/** A failure that the user can do something about, with a hint at what. */
final class CliException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String hint;

    CliException(String message) {
        this(message, "");
    }

    /** @param hint what to do about it; may be empty */
    CliException(String message, String hint) {
        super(message);
        this.hint = hint;
    }

    String hint() {
        return hint;
    }
}
