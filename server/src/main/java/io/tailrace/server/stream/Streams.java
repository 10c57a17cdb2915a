package io.tailrace.server.stream;

import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All streams being served, each with the virtual thread that runs its body. Bounds their number, and ends them when the
 * server shuts down, so that none of them looks complete. Thread-safe.
 */
public final class Streams implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Streams.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    private final int streamsMax;
    /** By the thread that runs its body. */
    private final Map<Thread, ServedStream> served = new ConcurrentHashMap<>();

    /** Counted for itself: of those that begin in the same instant, none is to be one too many. */
    private final AtomicInteger open = new AtomicInteger();

    private final AtomicLong started = new AtomicLong();
    private volatile boolean isClosed;

    /** No streams yet. @param streamsMax how many there may be at once */
    public Streams(int streamsMax) {
        this.streamsMax = streamsMax;
    }

    /** What a stream does, from its first byte to its end. */
    @FunctionalInterface
    public interface Body {
        /** Runs on the stream's own thread. Whatever it throws, the client is told. */
        void run() throws Exception;
    }

    /** How many streams there are. */
    public int size() {
        return served.size();
    }

    /**
     * Runs a stream's body on a thread of its own. A stream that cannot be served is failed.
     *
     * @param name of the thread, to be read in thread dumps
     */
    public void start(String name, ServedStream stream, Body body) {
        if (open.incrementAndGet() > streamsMax) {
            open.decrementAndGet();
            stream.fail(new EngineException(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "%d streams are open (expected: at most that)".formatted(streamsMax)));
            return;
        }
        Thread thread =
                Thread.ofVirtual().name(name + "-" + started.incrementAndGet()).unstarted(() -> run(stream, body));
        served.put(thread, stream);
        if (isClosed) {
            // Checked after adding it: either this sees the close, or the close sees the stream.
            stream.end(shuttingDown());
        }
        thread.start();
    }

    private void run(ServedStream stream, Body body) {
        try {
            stream.check();
            body.run();
        } catch (StreamEndedException e) {
            tellEnd(stream, e);
        } catch (Throwable e) {
            StreamEndedException why = stream.why();
            if (why == null) {
                stream.fail(e);
            } else {
                // What a body meets after its stream was ended is how it noticed.
                tellEnd(stream, why);
            }
        } finally {
            stream.setBehind(false);
            served.remove(Thread.currentThread());
            open.decrementAndGet();
        }
    }

    private static void tellEnd(ServedStream stream, StreamEndedException why) {
        EngineException failure = why.failure();
        if (failure != null) {
            stream.fail(failure);
        }
    }

    private static EngineException shuttingDown() {
        return new EngineException(ErrorCode.UNAVAILABLE, "server is shutting down");
    }

    /** Ends all streams and waits, for a bounded time, until their threads have gone. */
    @Override
    public void close() {
        isClosed = true;
        served.values().forEach(stream -> stream.end(shuttingDown()));
        long deadline = System.nanoTime() + CLOSE_TIMEOUT.toNanos();
        for (Thread thread : served.keySet()) {
            long left = deadline - System.nanoTime();
            try {
                if (left <= 0 || !thread.join(Duration.ofNanos(left))) {
                    log.warn("stream {} did not end within {} ms", thread.getName(), CLOSE_TIMEOUT.toMillis());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
