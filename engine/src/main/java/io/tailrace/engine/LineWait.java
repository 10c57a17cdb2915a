package io.tailrace.engine;

import io.tailrace.engine.SubscriptionRequest.End;
import io.tailrace.engine.SubscriptionRequest.From;
import io.tailrace.engine.SubscriptionRequest.Kind;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Waits for a line of output: reads the timeline as any subscriber does, up to the exit that nothing follows, and holds one
 * line of each stream. A line that has not ended when the process does, or where bytes are missing, ends there. For one
 * thread, which may be interrupted.
 */
final class LineWait {
    private static final Duration SLICE = Duration.ofMinutes(1);
    /** A longer time-out is none: far below what overflows a count of nanoseconds. */
    private static final Duration TIMEOUT_MAX = Duration.ofDays(36_500);

    private final EngineContext context;
    private final Journal journal;
    private final LineRequest request;
    private final LinePattern pattern;
    private final Map<StdStream, LineAssembly> lines = new EnumMap<>(StdStream.class);
    private final AtomicBoolean isTimeUp = new AtomicBoolean();

    private LineWait(EngineContext context, Journal journal, LineRequest request) {
        this.context = context;
        this.journal = journal;
        this.request = request;
        pattern = LinePattern.parse(request.pattern());
        for (StdStream stream : StdStream.values()) {
            lines.put(stream, new LineAssembly());
        }
    }

    static OutputLine await(EngineContext context, Journal journal, LineRequest request) throws InterruptedException {
        Checks.notNegative("timeout", request.timeout());
        return new LineWait(context, journal, request).await();
    }

    private OutputLine await() throws InterruptedException {
        Cursor after = request.after();
        SubscriptionRequest wanted = new SubscriptionRequest(
                after == null ? new From.Start() : new From.After(after),
                Set.of(Kind.OUTPUT),
                request.streams(),
                End.EXIT);
        try (Subscription subscription = TimelineSubscription.open(journal, wanted)) {
            Future<?> timer = timer(subscription);
            try {
                return find(subscription);
            } finally {
                timer.cancel(false);
            }
        }
    }

    private Future<?> timer(Subscription subscription) {
        Duration timeout = request.timeout();
        if (timeout == null || timeout.isZero() || timeout.compareTo(TIMEOUT_MAX) > 0) {
            return CompletableFuture.completedFuture(null);
        }
        return context.background().schedule("the end of a wait for a line", timeout, () -> {
            isTimeUp.set(true);
            subscription.close();
        });
    }

    private OutputLine find(Subscription subscription) throws InterruptedException {
        // Without any time what is there is looked at, and nothing is waited for.
        boolean isOnlyLooking = Duration.ZERO.equals(request.timeout());
        while (true) {
            TimelineRecord record = isOnlyLooking ? subscription.poll() : subscription.next(SLICE);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            OutputLine found = record == null ? null : find(record);
            if (found != null) {
                return found;
            }
            if (isTimeUp.get() || (isOnlyLooking && record == null && !subscription.isEnded())) {
                throw new EngineException(
                        ErrorCode.DEADLINE_EXCEEDED,
                        "%s: no line that matches %s within %s".formatted(journal.title(), pattern, request.timeout()));
            }
            if (record == null && subscription.isEnded()) {
                throw ended();
            }
        }
    }

    private EngineException ended() {
        if (context.isClosing().get()) {
            return new EngineException(ErrorCode.UNAVAILABLE, "%s: the server is closing".formatted(journal.title()));
        }
        return new EngineException(
                ErrorCode.FAILED_PRECONDITION,
                "%s ended without a line that matches %s. History: %s"
                        .formatted(journal.title(), pattern, journal.fold().historyText()));
    }

    private @Nullable OutputLine find(TimelineRecord record) {
        return switch (record) {
            case TimelineRecord.Output output -> find(output);
            case TimelineRecord.Gap gap -> {
                boolean isUncounted = gap.reason().endsWith("-at-least");
                OutputLine stdout =
                        isUncounted || gap.stdoutTo() > gap.stdoutFrom() ? end(StdStream.STDOUT, gap) : null;
                OutputLine stderr =
                        isUncounted || gap.stderrTo() > gap.stderrFrom() ? end(StdStream.STDERR, gap) : null;
                yield stdout == null ? stderr : stdout;
            }
            case TimelineRecord.Exit exit -> {
                OutputLine stdout = end(StdStream.STDOUT, exit);
                yield stdout == null ? end(StdStream.STDERR, exit) : stdout;
            }
            case TimelineRecord.State _, TimelineRecord.Health _, TimelineRecord.Message _ -> null;
        };
    }

    private @Nullable OutputLine find(TimelineRecord.Output output) {
        LineAssembly assembly = assembly(output.stream());
        ByteBuffer data = output.data().duplicate();
        int first = data.position();
        while (data.hasRemaining()) {
            LineAssembly.Line line = assembly.take(data, output.offset() + data.position() - first);
            if (line != null && isMatching(line)) {
                return found(output.stream(), line, output, behind(output, data.position() - first));
            }
        }
        return null;
    }

    private @Nullable OutputLine end(StdStream stream, TimelineRecord at) {
        LineAssembly.Line line = assembly(stream).end();
        return line == null || !isMatching(line)
                ? null
                : found(stream, line, at, new Cursor(journal.timelineId(), last(at)));
    }

    private LineAssembly assembly(StdStream stream) {
        return lines.computeIfAbsent(stream, _ -> new LineAssembly());
    }

    private static long last(TimelineRecord record) {
        return record instanceof TimelineRecord.Gap gap ? gap.lastSequence() : record.sequence();
    }

    /** The place behind some bytes of a record, of which the cursor that was begun with may have left some out. */
    private Cursor behind(TimelineRecord.Output output, int taken) {
        if (taken == output.data().remaining()) {
            return new Cursor(journal.timelineId(), output.sequence());
        }
        Cursor after = request.after();
        int skipped = after != null && after.sequence() == output.sequence() - 1 ? after.skippedBytes() : 0;
        return new Cursor(journal.timelineId(), output.sequence() - 1, skipped + taken);
    }

    private boolean isMatching(LineAssembly.Line line) {
        return pattern.isFoundIn(line.text());
    }

    private static OutputLine found(StdStream stream, LineAssembly.Line line, TimelineRecord at, Cursor cursor) {
        return new OutputLine(stream, line.offset(), line.bytes(), at.timestampNanos(), cursor);
    }
}
