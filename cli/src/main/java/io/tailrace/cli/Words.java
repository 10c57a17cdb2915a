package io.tailrace.cli;

import io.tailrace.client.RestartPolicy;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;

/** Sizes, times and commands as people read and write them. */
final class Words {
    private static final Pattern DURATION =
            Pattern.compile("(?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+(?:\\.\\d+)?)s)?(?:(\\d+)ms)?");
    private static final Pattern RESTART = Pattern.compile("no|always|unless-stopped|on-failure(?::(\\d{1,9}))?");
    private static final int COMMAND_LENGTH = 30;
    private static final int ID_LENGTH = 12;
    private static final double UNIT = 1024;

    private Words() {}

    /** A size: {@code 1.5 MiB}. */
    static String bytes(long bytes) {
        if (bytes < UNIT) {
            return bytes + " B";
        }
        double value = (double) bytes;
        int unit = -1;
        while (value >= UNIT && unit < 4) {
            value /= UNIT;
            unit++;
        }
        return (value < 10 ? "%.2f %ciB" : value < 100 ? "%.1f %ciB" : "%.0f %ciB")
                .formatted(value, "KMGTP".charAt(unit));
    }

    /** How long something has lasted, in its largest unit: {@code 3 minutes}. */
    static String age(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 1) {
            return "Less than a second";
        }
        long[] sizes = {86_400 * 365, 86_400 * 30, 86_400 * 7, 86_400, 3_600, 60, 1};
        String[] names = {"year", "month", "week", "day", "hour", "minute", "second"};
        for (int unit = 0; unit < sizes.length; unit++) {
            // Two of a unit, as one would hide almost half of it: 90 minutes rather than 1 hour.
            long count = seconds / sizes[unit];
            if (count >= 2 || (sizes[unit] == 1)) {
                return count == 1 ? "1 " + names[unit] : count + " " + names[unit] + "s";
            }
        }
        return seconds + " seconds";
    }

    /** A time span such as {@code 90s}, {@code 1m30s}, {@code 500ms}, or a number of seconds. */
    static Duration duration(String what, String text) {
        var value = text.strip().toLowerCase(Locale.ROOT);
        if (value.matches("\\d+(\\.\\d+)?")) {
            return Duration.ofNanos(Math.round(Double.parseDouble(value) * 1e9));
        }
        var match = DURATION.matcher(value);
        if (value.isEmpty() || !match.matches()) {
            throw new CliException("%s: \"%s\" (expected: a time such as 30s, 1m30s or 500ms)".formatted(what, text));
        }
        return Duration.ofHours(number(match.group(1)))
                .plusMinutes(number(match.group(2)))
                .plusNanos(match.group(3) == null ? 0 : Math.round(Double.parseDouble(match.group(3)) * 1e9))
                .plusMillis(number(match.group(4)));
    }

    /** A restart policy as docker's command takes it: {@code on-failure:3}. */
    static RestartPolicy restartPolicy(String text) {
        var match = RESTART.matcher(text);
        if (!match.matches()) {
            throw new CliException("restart: \"%s\" (expected: no, on-failure, on-failure:3, always or unless-stopped)"
                    .formatted(text));
        }
        return match.group(1) == null
                ? new RestartPolicy(
                        RestartPolicy.Kind.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_')), 0)
                : RestartPolicy.onFailure(Integer.parseInt(match.group(1)));
    }

    private static long number(@org.jspecify.annotations.Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    /** The first 12 digits of an id. */
    static String shortId(String id) {
        var digits = id.startsWith("sha256:") ? id.substring("sha256:".length()) : id;
        return digits.length() <= ID_LENGTH ? digits : digits.substring(0, ID_LENGTH);
    }

    /** An image's name without what everybody leaves out. */
    static String shortReference(String reference) {
        var name = reference;
        for (var prefix : new String[] {"docker.io/library/", "docker.io/"}) {
            if (name.startsWith(prefix)) {
                name = name.substring(prefix.length());
                break;
            }
        }
        return name;
    }

    static String command(java.util.List<String> arguments, boolean isWhole) {
        var joined = String.join(" ", arguments);
        boolean isCut = !isWhole && joined.length() > COMMAND_LENGTH;
        return '"' + (isCut ? joined.substring(0, COMMAND_LENGTH - 1) + "…" : joined).replace("\n", "\\n") + '"';
    }
}
