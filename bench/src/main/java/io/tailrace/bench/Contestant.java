package io.tailrace.bench;

import io.tailrace.bench.report.Entry.Role;

/**
 * One of those that are compared.
 *
 * @param name what it is called in reports
 * @param role what it is there for
 * @param series its line in a plot over the number of followers; empty where that is not varied
 * @param followers how many; 0 where that is not varied
 * @param warmUps how often it is measured before it counts: JVMs compile, caches fill
 * @param measurement does what is measured, once
 */
record Contestant(String name, Role role, String series, int followers, int warmUps, Measurement measurement) {
    /** What is measured. */
    static Contestant tailrace(String name, int warmUps, Measurement measurement) {
        return new Contestant(name, Role.TAILRACE, "", 0, warmUps, measurement);
    }

    /** What one would use instead. */
    static Contestant beside(String name, int warmUps, Measurement measurement) {
        return new Contestant(name, Role.BESIDE, "", 0, warmUps, measurement);
    }

    /** What no program can do better. */
    static Contestant limit(String name, int warmUps, Measurement measurement) {
        return new Contestant(name, Role.LIMIT, "", 0, warmUps, measurement);
    }

    /** As one point of a line over the number of followers. */
    Contestant at(int count) {
        return new Contestant(label(name, count), role, name, count, warmUps, measurement);
    }

    /** What a contestant is called with so many followers. */
    static String label(String series, int count) {
        return "%s, %,d follower%s".formatted(series, count, count == 1 ? "" : "s");
    }

    /** Does something and says what it found. */
    @FunctionalInterface
    interface Measurement {
        /** Measures once; ends when its thread is interrupted. */
        Reading measure() throws Exception;
    }

    /** Does something and says how long the part took that counts. */
    @FunctionalInterface
    interface Timed {
        /** Measures once. @return elapsed nanoseconds */
        long nanos() throws Exception;
    }
}
