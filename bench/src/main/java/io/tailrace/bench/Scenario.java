package io.tailrace.bench;

/** Sets a comparison up, and clears away what it needed. */
interface Scenario extends AutoCloseable {
    /** What is to be measured. */
    Comparison comparison();

    /** Removes what its contestants used; nothing where each measurement clears up behind itself. */
    @Override
    default void close() throws Exception {}

    /** Makes a scenario ready. */
    @FunctionalInterface
    interface Factory {
        /** May take its time: nothing is measured yet. */
        Scenario open(Rig rig, Options options) throws Exception;
    }
}
