package io.tailrace.engine;

import io.tailrace.log.ExitReason;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether a container is started again when its process has ended by itself. The names, the pauses and what counts as a
 * client's wish are Docker's ({@code docker run --restart}).
 *
 * @param kind when
 * @param retriesMax of {@link Kind#ON_FAILURE}: how often since a client started it; 0: without end
 */
public record RestartPolicy(Kind kind, int retriesMax) {
    /** It stays ended. */
    public static final RestartPolicy NO = new RestartPolicy(Kind.NO, 0);

    private static final long PAUSE_MILLIS_MIN = 100;
    private static final long PAUSE_MILLIS_MAX = 60_000;

    /** Whatever ran so long is taken for healthy: its next pause is the shortest again. */
    private static final Duration SETTLED_AFTER = Duration.ofSeconds(10);

    /** When a container is started again. A process that a client has ended never is, but see {@link #ALWAYS}. */
    public enum Kind {
        /** Never. */
        NO,
        /** When its exit code is not 0. */
        ON_FAILURE,
        /** Always; when the server starts, also one that a client has stopped. */
        ALWAYS,
        /** Always. */
        UNLESS_STOPPED
    }

    /** Checks nothing: {@link Checks} does. */
    public RestartPolicy {
        Objects.requireNonNull(kind);
    }

    /** What {@link #text} said; {@link #NO} for nothing. */
    static RestartPolicy parse(String text) {
        if (text.isEmpty()) {
            return NO;
        }
        int colon = text.indexOf(':');
        String word = colon < 0 ? text : text.substring(0, colon);
        return new RestartPolicy(
                Kind.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_')),
                colon < 0 ? 0 : Integer.parseInt(text.substring(colon + 1)));
    }

    /** As Docker's command takes it: {@code on-failure:3}. */
    String text() {
        String word = kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return retriesMax == 0 ? word : word + ":" + retriesMax;
    }

    /**
     * A start that is due.
     *
     * @param number how many there were since a client started it, this one included
     * @param pauseMillis how long to wait for it, counted from the Exit
     */
    record Restart(long number, long pauseMillis) {
        static final Restart NONE = new Restart(0, 0);

        Map<String, String> attributes() {
            return Map.of("restarts", Long.toString(number), "pauseMillis", Long.toString(pauseMillis));
        }

        static Restart of(Map<String, String> attributes) {
            return new Restart(
                    Long.parseLong(attributes.getOrDefault("restarts", "0")),
                    Long.parseLong(attributes.getOrDefault("pauseMillis", "0")));
        }
    }

    /** The start that follows a run which ends so; null for none. @param before the fold without that end */
    @Nullable Restart after(Fold before, Ending ending) {
        Restart latest = before.restart();
        if (!isWanted(latest.number(), ending)) {
            return null;
        }
        long startedAtNanos = before.run().startedAtNanos();
        long upNanos = startedAtNanos == 0 ? 0 : ending.atNanos() - startedAtNanos;
        long last = latest.pauseMillis();
        long pause = last == 0 || upNanos >= SETTLED_AFTER.toNanos()
                ? PAUSE_MILLIS_MIN
                : Math.min(PAUSE_MILLIS_MAX, 2 * last);
        return new Restart(latest.number() + 1, pause);
    }

    private boolean isWanted(long restarts, Ending ending) {
        if (ending.reason() == ExitReason.STOPPED) {
            return false;
        }
        if (ending.reason() == ExitReason.START_FAILED && restarts == 0) {
            return false; // whoever started it is told
        }
        return switch (kind) {
            case NO -> false;
            case ON_FAILURE -> ending.exitCode() != 0 && (retriesMax == 0 || restarts < retriesMax);
            case ALWAYS, UNLESS_STOPPED -> true;
        };
    }
}
