package io.tailrace.cli;

/**
 * What {@code doctor} found out about one thing.
 *
 * @param remedy how to mend it; empty if there is nothing to mend
 */
record Finding(String name, State state, String detail, String remedy) {
    /** How it is. */
    enum State {
        /** As it should be. */
        OK,
        /** Containers can run; something cannot. */
        NOTE,
        /** No container can run. */
        MISSING
    }

    static Finding ok(String name, String detail) {
        return new Finding(name, State.OK, detail, "");
    }

    static Finding note(String name, String detail, String remedy) {
        return new Finding(name, State.NOTE, detail, remedy);
    }

    static Finding missing(String name, String detail, String remedy) {
        return new Finding(name, State.MISSING, detail, remedy);
    }
}
