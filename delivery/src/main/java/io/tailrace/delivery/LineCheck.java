package io.tailrace.delivery;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;

/**
 * Takes a stream of {@linkplain CountedLines counted lines} in pieces, cut anywhere, and counts the bytes of the lines that
 * are missing, that come again, and that come late. Not thread-safe. Memory: a bit for each line.
 */
public final class LineCheck {
    /** A line is that much longer than what was expected at most before it is taken for damage. */
    private static final int LINE_BYTES_MAX = 1 << 17;

    private static final int NUMBER_DIGITS_MAX = 9;

    private final CountedLines lines;
    private final String begin;
    private final String end;
    private final ByteArrayOutputStream part = new ByteArrayOutputStream();
    private final BitSet seen = new BitSet();
    private int highest;
    private long bytes;
    private long doubled;
    private long reordered;
    private long damaged;

    LineCheck(CountedLines lines) {
        this.lines = lines;
        begin = lines.word() + " ";
        end = " " + lines.padding();
    }

    /** Takes the next bytes of the stream; leaves the buffer as it was. */
    public void accept(ByteBuffer data) {
        ByteBuffer rest = data.duplicate();
        bytes += rest.remaining();
        while (rest.hasRemaining()) {
            byte next = rest.get();
            if (next == '\n') {
                line(part.toString(StandardCharsets.US_ASCII));
                part.reset();
            } else if (part.size() < LINE_BYTES_MAX) {
                part.write(next);
            } else {
                damaged++;
            }
        }
    }

    private void line(String text) {
        int number = numberOf(text);
        if (number < 1) {
            damaged += text.length() + 1L;
        } else if (seen.get(number)) {
            doubled += text.length() + 1L;
        } else {
            seen.set(number);
            if (number < highest) {
                reordered += text.length() + 1L;
            }
            highest = Math.max(highest, number);
        }
    }

    /** The number of a line without its newline; 0 if it is none of these. */
    private int numberOf(String text) {
        int digits = text.length() - begin.length() - end.length();
        if (digits < 1 || digits > NUMBER_DIGITS_MAX || !text.startsWith(begin) || !text.endsWith(end)) {
            return 0;
        }
        int number = 0;
        for (int at = begin.length(); at < begin.length() + digits; at++) {
            char digit = text.charAt(at);
            if (digit < '0' || digit > '9' || (digit == '0' && number == 0)) {
                return 0;
            }
            number = number * 10 + digit - '0';
        }
        return number;
    }

    /** How many lines there must have been, when it is known: those that are missing at the end are lost as well. */
    public void expect(int count) {
        highest = Math.max(highest, count);
    }

    /** The highest number that came. */
    public int count() {
        return highest;
    }

    /** Bytes that came. */
    public long bytes() {
        return bytes;
    }

    /** Bytes of lines that never came, and of ones that came as something else. */
    public long lost() {
        long missing = damaged + part.size();
        for (int number = seen.nextClearBit(1); number <= highest; number = seen.nextClearBit(number + 1)) {
            missing += lines.line(number).length();
        }
        return missing;
    }

    /** Bytes of lines that came again. */
    public long doubled() {
        return doubled;
    }

    /** Bytes of lines that came after a later one. */
    public long reordered() {
        return reordered;
    }
}
