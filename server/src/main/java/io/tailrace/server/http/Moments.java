package io.tailrace.server.http;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Times in a query: RFC 3339, without a zone in UTC; seconds since 1970, with a fraction or without; or how long ago, as
 * {@code 10m} and {@code 1h30m}.
 */
final class Moments {
    private static final Pattern SECONDS = Pattern.compile("-?\\d{1,12}(\\.\\d{1,9})?");
    private static final Pattern AGO =
            Pattern.compile("(?=.)(?:(\\d{1,6})d)?(?:(\\d{1,8})h)?(?:(\\d{1,9})m)?(?:(\\d{1,12}(?:\\.\\d{1,9})?)s)?");

    private Moments() {}

    static Instant parse(String name, String text, Instant now) {
        try {
            if (SECONDS.matcher(text).matches()) {
                return Instant.EPOCH.plus(seconds(text));
            }
            Matcher ago = AGO.matcher(text);
            if (ago.matches()) {
                return now.minus(duration(ago));
            }
            // A plus sign in a query is a space.
            return moment(text.replace(' ', '+'));
        } catch (DateTimeException | ArithmeticException e) {
            throw Parameters.invalid(
                    name, text, "a time such as 2025-01-31T12:00:00Z, 1738324800.5, or how long ago, such as 10m");
        }
    }

    private static Instant moment(String text) {
        if (text.indexOf('T') < 0) {
            return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
        }
        return text.matches(".*(Z|[+-]\\d\\d:\\d\\d)")
                ? OffsetDateTime.parse(text).toInstant()
                : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
    }

    private static Duration duration(Matcher ago) {
        return Duration.ofDays(number(ago.group(1)))
                .plusHours(number(ago.group(2)))
                .plusMinutes(number(ago.group(3)))
                .plus(ago.group(4) == null ? Duration.ZERO : seconds(ago.group(4)));
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private static Duration seconds(String text) {
        BigDecimal seconds = new BigDecimal(text);
        return Duration.ofSeconds(seconds.longValue())
                .plusNanos(seconds.remainder(BigDecimal.ONE).movePointRight(9).longValue());
    }
}
