package io.tailrace.client;

import java.time.Instant;

/**
 * Which lines of a process's output are read: by default all that are there now, of both streams. Each method sets one thing
 * and returns this. Not thread-safe.
 */
public final class LogOptions {
    private final FollowOptions options =
            new FollowOptions().kinds(RecordKind.OUTPUT).until(FollowOptions.End.NOW);

    /** Goes on until the process has exited. */
    public LogOptions follow() {
        options.until(FollowOptions.End.EXIT);
        return this;
    }

    /** Begins with the last lines, those of the streams that are wanted counted together. */
    public LogOptions tail(long lines) {
        options.lastLines(lines);
        return this;
    }

    /** Leaves out what was recorded before. */
    public LogOptions since(Instant time) {
        options.since(time);
        return this;
    }

    /** Ends with what was recorded at this time; the last lines are counted back from there. */
    public LogOptions until(Instant time) {
        options.until(time);
        return this;
    }

    /** Only the lines of these streams. */
    public LogOptions streams(StandardStream... wanted) {
        options.streams(wanted);
        return this;
    }

    FollowOptions options() {
        return options;
    }
}
