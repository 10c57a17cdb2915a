package io.tailrace.engine;

/** The engine is closing: what is not done yet is left to the next server. */
final class StoppedException extends Exception {
    private static final long serialVersionUID = 1;

    StoppedException() {
        super("the server is closing", null, false, false);
    }
}
