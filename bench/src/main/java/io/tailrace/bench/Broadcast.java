package io.tailrace.bench;

import io.tailrace.bench.follow.Audience;
import io.tailrace.bench.follow.SlowReaders;
import io.tailrace.bench.follow.SocketAudience;
import io.tailrace.bench.follow.StampWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * One writer and all who follow it: everybody is connected, nothing is written yet. Closing it removes what was made.
 */
final class Broadcast implements AutoCloseable {
    /** How long anything may take that usually takes no time. */
    static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Script script;
    private final Audience audience;
    private final StampWriter writer;
    private final Finish finish;
    private final AutoCloseable owner;

    /** @param finish ends the stamped lines @param owner is closed after the audience */
    Broadcast(Script script, Audience audience, StampWriter.Target target, Finish finish, AutoCloseable owner) {
        this.script = script;
        this.audience = audience;
        this.writer = new StampWriter(target);
        this.finish = finish;
        this.owner = owner;
    }

    /** Says that no more stamped lines come, so that the burst begins. */
    @FunctionalInterface
    interface Finish {
        /** Ends the lines. */
        void run() throws IOException;
    }

    /** Opens one. */
    @FunctionalInterface
    interface Opener {
        /** Returns when all followers are answered. */
        Broadcast open(Script script, int followers) throws Exception;
    }

    /** A named pipe to write to, and its end when it is closed. */
    static final class Pipe implements AutoCloseable {
        private final RandomAccessFile file;

        /** Makes it in a directory. */
        Pipe(Path directory) throws IOException, InterruptedException {
            Path path = Script.pipe(directory);
            Programs.run(List.of(Programs.require("mkfifo").toString(), path.toString()));
            // Open for reading as well: so nobody waits for a reader, and what is written waits for one.
            file = new RandomAccessFile(path.toFile(), "rw");
        }

        void write(byte[] line) throws IOException {
            file.write(line);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    /** More connections of the same kind, which read slowly or not at all. Close them first. */
    SlowReaders slowReaders(int stalled, int slow, int bytesPerSecond) throws IOException {
        if (!(audience instanceof SocketAudience sockets)) {
            throw new IllegalStateException(audience + " (expected: an audience with connections)");
        }
        return sockets.slowReaders(stalled, slow, bytesPerSecond);
    }

    Audience audience() {
        return audience;
    }

    /**
     * Writes all stamped lines, evenly spaced but for the first, which is to arrive before the others are written: the
     * reader has begun by then. Returns when everybody has all of them.
     */
    void paceLines(int linesPerSecond) throws IOException, InterruptedException {
        writer.write();
        audience.awaitLines(1, TIMEOUT);
        writer.pace(script.stampedLines() - 1, linesPerSecond);
        audience.awaitLines(script.stampedLines(), TIMEOUT);
    }

    /** How long each line but the first took to each follower. */
    long[] lagNanos() {
        return audience.lagNanos(1);
    }

    /** Lets the burst be written. @return nanoseconds until everybody has all of it, and it is proven to be it */
    long burst() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        finish.run();
        long elapsed = audience.awaitEnd(TIMEOUT) - begin;
        audience.verify(writer.bytes() + script.burstBytes(), writer.crc32With(script.burst()));
        return elapsed;
    }

    /** Lets the burst be written, for a limited time. @return nanoseconds until everybody has all of it, at most that */
    long burstWithin(Duration limit) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        finish.run();
        return audience.isEndedWithin(limit) ? audience.awaitEnd(limit) - begin : System.nanoTime() - begin;
    }

    @Override
    public void close() throws Exception {
        try (owner) {
            audience.close();
        }
    }
}
