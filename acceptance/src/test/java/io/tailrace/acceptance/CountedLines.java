package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A container's script that writes counted lines on both streams until it is told to stop with SIGTERM, and whose last
 * line says how many: what must have arrived can so be computed from what did.
 */
final class CountedLines {
    /** A write that fails, as with EPIPE, ends it with a code of its own. */
    static final String SCRIPT = """
            stop=; trap 'stop=1' TERM; i=0
            while [ -z "$stop" ]; do
              i=$((i+1))
              echo "out $i" || exit 90
              echo "err $i" >&2 || exit 91
            done
            echo "total $i"
            """;

    private static final Pattern TOTAL = Pattern.compile("total (\\d+)\n$");

    private CountedLines() {}

    /** Fails unless both streams have every line once, in order. @return the number of lines */
    static int assertComplete(StreamDigest stdout, String stdoutTail, StreamDigest stderr) {
        Matcher total = TOTAL.matcher(stdoutTail);
        assertThat(total.find()).as("the last line of stdout: %s", stdoutTail).isTrue();
        int lines = Integer.parseInt(total.group(1));
        assertThat(stdout.identity())
                .isEqualTo(expected("out", lines, "total " + lines + "\n").identity());
        assertThat(stderr.identity()).isEqualTo(expected("err", lines, "").identity());
        return lines;
    }

    private static StreamDigest expected(String word, int lines, String end) {
        StringBuilder text = new StringBuilder();
        for (int line = 1; line <= lines; line++) {
            text.append(word).append(' ').append(line).append('\n');
        }
        return StreamDigest.of(text.append(end).toString().getBytes(StandardCharsets.US_ASCII));
    }
}
