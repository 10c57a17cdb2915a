package io.tailrace.client;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a process wrote, line by line, in the order in which the lines ended. Over a lost connection it goes on as
 * {@link Follow} does, without missing or repeating a byte. A line ends with a newline, at the exit of a run, where bytes
 * are missing, and with what is read; one that is longer than {@link #LINE_BYTES_MAX} comes in pieces of that length.
 *
 * <p>One thread reads; any thread may close, which makes the reader fail with CANCELLED. It can be iterated once.
 */
public final class Logs implements AutoCloseable, Iterable<OutputLine> {
    /** The longest line, or piece of one. */
    public static final int LINE_BYTES_MAX = 1 << 20;

    private final Follow follow;
    private final Map<StandardStream, Begun> begun = new EnumMap<>(StandardStream.class);
    private final Deque<OutputLine> ready = new ArrayDeque<>();
    private Instant lastTime = Instant.EPOCH;
    private long gaps;

    Logs(Follow follow) {
        this.follow = follow;
        for (var stream : StandardStream.values()) {
            begun.put(stream, new Begun(stream));
        }
    }

    /** The next line; blocks until there is one. Empty at the end. */
    public Optional<OutputLine> next() {
        return Optional.ofNullable(read());
    }

    /** How many gaps there were so far, at which output is missing; {@link Follow} tells what and why. */
    public long gaps() {
        return gaps;
    }

    private @Nullable OutputLine read() {
        while (ready.isEmpty()) {
            var record = follow.next();
            if (record.isEmpty()) {
                begun.values().forEach(line -> line.end(lastTime));
                return ready.poll();
            }
            accept(record.get());
        }
        return ready.poll();
    }

    private void accept(TimelineRecord record) {
        lastTime = record.timestamp();
        switch (record) {
            case TimelineRecord.Output output -> begun(output.stream()).accept(output);
            case TimelineRecord.Gap gap -> {
                gaps++;
                for (var stream : StandardStream.values()) {
                    if (gap.isMissing(stream)) {
                        begun(stream).end(lastTime);
                    }
                }
            }
            case TimelineRecord.Exit exit -> begun.values().forEach(line -> line.end(exit.timestamp()));
            case TimelineRecord.State state -> {}
            case TimelineRecord.Health health -> {}
            case TimelineRecord.Message message -> {}
        }
    }

    private Begun begun(StandardStream stream) {
        return begun.computeIfAbsent(stream, Begun::new);
    }

    @Override
    public Iterator<OutputLine> iterator() {
        return new Iterator<>() {
            private @Nullable OutputLine next;

            @Override
            public boolean hasNext() {
                if (next == null) {
                    next = read();
                }
                return next != null;
            }

            @Override
            public OutputLine next() {
                if (!hasNext() || next == null) {
                    throw new NoSuchElementException("the output has ended");
                }
                var result = next;
                next = null;
                return result;
            }
        };
    }

    /** The lines as a stream, which closes this when it is closed. */
    public Stream<OutputLine> stream() {
        return StreamSupport.stream(spliterator(), false).onClose(this::close);
    }

    /** Ends reading. */
    @Override
    public void close() {
        follow.close();
    }

    /** The line of a stream that has begun. */
    private final class Begun {
        private final StandardStream stream;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private long offset;

        Begun(StandardStream stream) {
            this.stream = stream;
        }

        void accept(TimelineRecord.Output output) {
            var data = output.bytes();
            for (int at = 0; at < data.length; ) {
                if (bytes.size() == 0) {
                    offset = output.offset() + at;
                }
                int end = at;
                int limit = Math.min(data.length, at + LINE_BYTES_MAX - bytes.size());
                while (end < limit && data[end] != '\n') {
                    end++;
                }
                bytes.write(data, at, end - at);
                at = end;
                if (at < data.length && data[at] == '\n') {
                    ready(output.timestamp(), true);
                    at++;
                } else if (bytes.size() == LINE_BYTES_MAX) {
                    ready(output.timestamp(), false);
                }
            }
        }

        void end(Instant time) {
            if (bytes.size() > 0) {
                ready(time, false);
            }
        }

        private void ready(Instant time, boolean hasNewline) {
            var line = bytes.toByteArray();
            boolean hasReturn = hasNewline && line.length > 0 && line[line.length - 1] == '\r';
            var data = ByteBuffer.wrap(line, 0, hasReturn ? line.length - 1 : line.length);
            ready.add(new OutputLine(stream, time, offset, data));
            bytes.reset();
        }
    }
}
