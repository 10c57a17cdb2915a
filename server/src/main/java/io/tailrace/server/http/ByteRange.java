package io.tailrace.server.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which bytes of a stream are asked for: {@code [from, to)}.
 *
 * @param to Long.MAX_VALUE: as far as there are any
 * @param isPartial whether a Range header asked, so that the answer is 206
 */
record ByteRange(long from, long to, boolean isPartial) {
    /** One range of RFC 9110, section 14.1.2. More than one, or another unit, may be ignored, and is. */
    private static final Pattern BYTES = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    /** What the query asks for. */
    static ByteRange of(@Nullable Long offset, @Nullable Long length) {
        long from = offset == null ? 0 : offset;
        long to = length == null || length > Long.MAX_VALUE - from ? Long.MAX_VALUE : from + length;
        return new ByteRange(from, to, false);
    }

    /** What a Range header asks for; null if it is to be ignored. @param recorded the length so far */
    static @Nullable ByteRange parse(String header, long recorded) {
        Matcher matcher = BYTES.matcher(header.strip());
        if (!matcher.matches()) {
            return null;
        }
        String first = matcher.group(1);
        String last = matcher.group(2);
        if (first.isEmpty()) {
            return last.isEmpty() ? null : new ByteRange(Math.max(0, recorded - Long.parseLong(last)), recorded, true);
        }
        long from = Long.parseLong(first);
        long to = last.isEmpty() ? recorded : Math.min(recorded, Long.parseLong(last) + 1);
        return last.isEmpty() || Long.parseLong(last) >= from ? new ByteRange(from, to, true) : null;
    }

    /** This range, no longer than what is recorded. */
    ByteRange within(long recorded) {
        return new ByteRange(from, Math.min(to, recorded), isPartial);
    }

    /** How many bytes it has. */
    long length() {
        return Math.max(0, to - from);
    }

    /** Whether it begins where there is something, or at the end to wait for it. */
    boolean isSatisfiable(long recorded) {
        return isPartial ? from < recorded : from <= recorded;
    }
}
