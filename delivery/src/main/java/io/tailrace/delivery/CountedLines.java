package io.tailrace.delivery;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * Lines that tell which they are: a word, their number from 1, and some padding. A reader that knows the word and the
 * padding knows every byte that must come. Immutable.
 *
 * @param word of letters; a different one for each stream
 * @param paddingBytes how many bytes follow the number, beside the newline
 */
public record CountedLines(String word, int paddingBytes) {
    /** Most padding of a line. */
    public static final int PADDING_BYTES_MAX = 64 << 10;

    /** Checks the bounds. */
    public CountedLines {
        if (!word.matches("[a-z]+")) {
            throw new IllegalArgumentException("word: %s (expected: letters a to z)".formatted(word));
        }
        if (paddingBytes < 0 || paddingBytes > PADDING_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "paddingBytes: %d (expected: 0 to %d)".formatted(paddingBytes, PADDING_BYTES_MAX));
        }
    }

    /** Line number {@code number}, its newline included. */
    public String line(int number) {
        return word + " " + number + " " + padding() + "\n";
    }

    /** What a shell script says before the first line: sets the padding. */
    public String shellPreparation() {
        return "pad_%s=$(head -c %d /dev/zero | tr '\\0' x)".formatted(word, paddingBytes);
    }

    /** A shell command that writes the line whose number is in {@code $i} to stdout. */
    public String shellLine() {
        return "echo \"%s $i $pad_%s\"".formatted(word, word);
    }

    /** A check of a stream that begins with line 1. */
    public LineCheck check() {
        return new LineCheck(this);
    }

    /** The CRC-32 of the first lines: what an Exit record must say of such a stream. */
    public long crc32(int count) {
        CRC32 crc = new CRC32();
        for (int number = 1; number <= count; number++) {
            crc.update(line(number).getBytes(StandardCharsets.US_ASCII));
        }
        return crc.getValue();
    }

    String padding() {
        return "x".repeat(paddingBytes);
    }
}
