package io.tailrace.engine;

import io.tailrace.runtime.spi.HealthCheck;
import io.tailrace.runtime.spi.Image;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a container is probed: what was asked for, with what the image says laid under it, by Docker's rules. It stands among
 * the attributes of the {@code created} record.
 *
 * @param test as {@link HealthCheck} has it, other than NONE
 * @param interval from the end of a probe to the next
 * @param timeout after which a probe has failed
 * @param retries failures in a row that make it unhealthy
 * @param startPeriod from the start of the container on, in which failures do not count
 * @param startInterval in place of interval within that period
 */
record HealthPolicy(
        List<String> test,
        Duration interval,
        Duration timeout,
        int retries,
        Duration startPeriod,
        Duration startInterval) {
    static final String NONE = "NONE";
    static final String COMMAND = "CMD";
    static final String SHELL = "CMD-SHELL";
    static final String HTTP = "HTTP";
    static final String TCP = "TCP";
    static final String SOCKET = "SOCKET";

    /** Docker's defaults. */
    private static final Duration INTERVAL_DEFAULT = Duration.ofSeconds(30);

    private static final Duration TIMEOUT_DEFAULT = Duration.ofSeconds(30);
    private static final Duration START_INTERVAL_DEFAULT = Duration.ofSeconds(5);
    private static final int RETRIES_DEFAULT = 3;

    /** Less is refused by Docker, too. */
    private static final Duration TIME_MIN = Duration.ofMillis(1);

    private static final Duration TIME_MAX = Duration.ofDays(366);
    private static final int RETRIES_MAX = 10_000;
    private static final Pattern HTTP_TARGET = Pattern.compile("(\\d{1,5})(/[!-~]{0,4000})?");
    private static final Pattern PORT = Pattern.compile("\\d{1,5}");
    private static final int PORT_MAX = 65_535;

    HealthPolicy {
        test = List.copyOf(test);
        Objects.requireNonNull(interval);
        Objects.requireNonNull(timeout);
        Objects.requireNonNull(startPeriod);
        Objects.requireNonNull(startInterval);
    }

    /** What holds; null for no check. @throws EngineException INVALID_ARGUMENT for what the image has wrong */
    static @Nullable HealthPolicy of(@Nullable HealthCheck wanted, Image.Config image) {
        HealthCheck given = image.healthCheck();
        if (wanted != null && isNone(wanted)) {
            return null;
        }
        if (wanted == null && (given == null || given.test().isEmpty() || isNone(given))) {
            return null;
        }
        HealthCheck merged = merged(wanted, given);
        String what = wanted == null ? "the image's healthCheck" : "healthCheck";
        Checks.check(
                !merged.test().isEmpty() && !isNone(merged),
                what + " test",
                String.join(" ", merged.test()),
                "a test, because the image has none");
        check(what, merged);
        return new HealthPolicy(
                merged.test(),
                orElse(merged.interval(), INTERVAL_DEFAULT),
                orElse(merged.timeout(), TIMEOUT_DEFAULT),
                merged.retries() == 0 ? RETRIES_DEFAULT : merged.retries(),
                orElse(merged.startPeriod(), Duration.ZERO),
                orElse(merged.startInterval(), START_INTERVAL_DEFAULT));
    }

    private static boolean isNone(HealthCheck check) {
        return !check.test().isEmpty() && check.test().getFirst().equals(NONE);
    }

    private static HealthCheck merged(@Nullable HealthCheck wanted, @Nullable HealthCheck image) {
        if (wanted == null || image == null) {
            return Objects.requireNonNull(wanted == null ? image : wanted);
        }
        return new HealthCheck(
                wanted.test().isEmpty() ? image.test() : wanted.test(),
                isSet(wanted.interval()) ? wanted.interval() : image.interval(),
                isSet(wanted.timeout()) ? wanted.timeout() : image.timeout(),
                wanted.retries() == 0 ? image.retries() : wanted.retries(),
                isSet(wanted.startPeriod()) ? wanted.startPeriod() : image.startPeriod(),
                isSet(wanted.startInterval()) ? wanted.startInterval() : image.startInterval());
    }

    private static boolean isSet(@Nullable Duration time) {
        return time != null && !time.isZero();
    }

    private static Duration orElse(@Nullable Duration time, Duration otherwise) {
        return time == null || time.isZero() ? otherwise : time;
    }

    /** Checks every value. @param what it is called in messages */
    static void check(String what, HealthCheck check) {
        test(what + " test", check.test());
        time(what + " interval", check.interval());
        time(what + " timeout", check.timeout());
        time(what + " startPeriod", check.startPeriod());
        time(what + " startInterval", check.startInterval());
        Checks.check(
                check.retries() >= 0 && check.retries() <= RETRIES_MAX,
                what + " retries",
                check.retries(),
                "0 to " + RETRIES_MAX);
    }

    private static void time(String what, @Nullable Duration time) {
        Checks.check(
                time == null || time.isZero() || (time.compareTo(TIME_MIN) >= 0 && time.compareTo(TIME_MAX) <= 0),
                what,
                time,
                "0 for the default, or %s to %s".formatted(TIME_MIN, TIME_MAX));
    }

    private static void test(String what, List<String> test) {
        if (test.isEmpty()) {
            return;
        }
        Checks.words(what, test);
        String shown = String.join(" ", test);
        int words = test.size();
        String word = words < 2 ? "" : test.get(1);
        switch (test.getFirst()) {
            case NONE -> Checks.check(words == 1, what, shown, "NONE alone");
            case COMMAND -> Checks.check(words >= 2 && !word.isEmpty(), what, shown, "CMD and a command");
            case SHELL -> Checks.check(words == 2 && !word.isBlank(), what, shown, "CMD-SHELL and one line");
            case HTTP ->
                Checks.check(
                        words == 2 && HTTP_TARGET.matcher(word).matches() && isPort(word.split("/", 2)[0]),
                        what,
                        shown,
                        "HTTP and a port with a path, as 8080/health");
            case TCP -> Checks.check(words == 2 && isPort(word), what, shown, "TCP and a port");
            case SOCKET ->
                Checks.check(words == 2 && Checks.isAbsolute(word), what, shown, "SOCKET and an absolute path");
            default -> Checks.check(false, what, shown, "CMD, CMD-SHELL, HTTP, TCP, SOCKET or NONE first");
        }
    }

    private static boolean isPort(String text) {
        return PORT.matcher(text).matches() && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= PORT_MAX;
    }

    /** Whether failures of a probe that began so long after the start of the container do not count. */
    boolean isInStartPeriod(long sinceStartNanos) {
        return sinceStartNanos < startPeriod.toNanos();
    }
}
