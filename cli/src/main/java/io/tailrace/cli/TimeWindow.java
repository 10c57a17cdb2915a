package io.tailrace.cli;

import io.tailrace.client.TimelineRecord;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/** The time between two moments. @param until exclusive */
record TimeWindow(Instant since, Instant until) {
    /** @param since a time, or how long ago; null: for ever, @param until likewise; null: for ever */
    static TimeWindow of(@Nullable String since, @Nullable String until, Instant now) {
        return new TimeWindow(
                since == null ? Instant.MIN : moment("since", since, now),
                until == null ? Instant.MAX : moment("until", until, now));
    }

    boolean contains(TimelineRecord record) {
        return !record.timestamp().isBefore(since) && record.timestamp().isBefore(until);
    }

    /** Whether this and every later record lies behind it. */
    boolean isPast(TimelineRecord record) {
        return !record.timestamp().isBefore(until);
    }

    private static Instant moment(String what, String text, Instant now) {
        try {
            if (text.matches("\\d{9,}(\\.\\d+)?")) {
                return Instant.ofEpochMilli(Math.round(Double.parseDouble(text) * 1000));
            }
            if (!text.contains("-")) {
                return now.minus(Words.duration(what, text));
            }
            if (text.endsWith("Z") || text.matches(".*T.*[+-]\\d\\d:\\d\\d")) {
                return OffsetDateTime.parse(text).toInstant();
            }
            var local = text.contains("T") ? text : text + "T00:00:00";
            return LocalDateTime.parse(local).atZone(ZoneId.systemDefault()).toInstant();
        } catch (DateTimeException e) {
            throw new CliException(
                    "%s: \"%s\" (expected: such as 10m, 2025-01-31T12:00:00Z or 1738324800)".formatted(what, text));
        }
    }
}
