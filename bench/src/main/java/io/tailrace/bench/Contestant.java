package io.tailrace.bench;

/**
 * One of those that are compared.
 *
 * @param name what it is called in reports
 * @param measurement does what is measured, once
 */
record Contestant(String name, Measurement measurement) {
    /** Does something and says how long the part took that counts. */
    @FunctionalInterface
    interface Measurement {
        /** Measures once. @return elapsed nanoseconds */
        long measure() throws Exception;
    }
}
