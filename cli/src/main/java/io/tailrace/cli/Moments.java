package io.tailrace.cli;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.regex.Pattern;

/**
 * Times as docker's command takes them: RFC 3339, without a zone in local time; seconds since 1970, with a fraction or
 * without; or how long ago, as {@code 10m} and {@code 1h30m}.
 */
final class Moments {
    private static final Pattern SECONDS = Pattern.compile("\\d{1,12}(\\.\\d{1,9})?");
    private static final int NANOS_DIGITS = 9;

    private Moments() {}

    /** @param what the option's name, for messages */
    static Instant parse(String what, String text, Instant now) {
        try {
            if (SECONDS.matcher(text).matches()) {
                var seconds = new BigDecimal(text);
                return Instant.EPOCH.plus(Duration.ofSeconds(seconds.longValue())
                        .plusNanos(seconds.remainder(BigDecimal.ONE)
                                .movePointRight(NANOS_DIGITS)
                                .longValue()));
            }
            if (text.indexOf('-') < 0) {
                return now.minus(Words.duration(what, text));
            }
            if (text.indexOf('T') < 0) {
                return LocalDate.parse(text)
                        .atStartOfDay(ZoneId.systemDefault())
                        .toInstant();
            }
            return text.matches(".*(Z|[+-]\\d\\d:\\d\\d)")
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant();
        } catch (DateTimeException | ArithmeticException e) {
            throw new CliException(
                    "%s: \"%s\" (expected: such as 10m, 2025-01-31T12:00:00Z or 1738324800.5)".formatted(what, text));
        }
    }
}
