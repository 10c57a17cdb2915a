package io.tailrace.acceptance;

import io.tailrace.delivery.CountedLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A process that writes counted lines on both streams and then says how many, in a file of its own: the count does not
 * come through anything that is tested. With it, {@link CountedLines} generates every byte that must have arrived, so
 * nobody has to keep a copy.
 *
 * <p>A write that fails, as with EPIPE, ends it with an exit code of its own.
 *
 * @param name of its file
 * @param stdout its lines on stdout
 * @param stderr its lines on stderr
 * @param burst how many lines it writes without a pause
 * @param pauseSeconds how long it pauses then
 */
record CountedWriter(String name, CountedLines stdout, CountedLines stderr, int burst, double pauseSeconds) {
    /** Where the writer finds the directory of the counts. */
    static final String DIRECTORY = "/count";
    /** The file in it that tells all writers to stop. */
    static final String STOP = "stop";

    /** A record holds at most so many bytes. */
    private static final int RECORD_BYTES_MAX = 64 << 10;

    /** The number of a line has three digits most of the time; word, spaces and newline make up for the rest. */
    private static final int LINE_BYTES_AROUND = 10;

    CountedWriter(String name, int stdoutPadding, int stderrPadding, int burst, double pauseSeconds) {
        this(name, new CountedLines("out", stdoutPadding), new CountedLines("err", stderrPadding), burst, pauseSeconds);
    }

    /** Writers that differ in whatever capture could stumble over, together some 5 MB/s. */
    static List<CountedWriter> all() {
        return List.of(
                new CountedWriter("tiny", 0, 0, 300, 0.05),
                new CountedWriter("slow", 40, 40, 1, 0.05),
                new CountedWriter("bursts", 80, 80, 4000, 1.5),
                // More at once than a pipe holds.
                new CountedWriter("long", 60 << 10, 60 << 10, 24, 2),
                new CountedWriter("uneven", 0, 60 << 10, 10, 1),
                new CountedWriter("pages", 4096 - LINE_BYTES_AROUND, 4096 - LINE_BYTES_AROUND, 40, 0.5),
                new CountedWriter(
                        "records", RECORD_BYTES_MAX - LINE_BYTES_AROUND, RECORD_BYTES_MAX - LINE_BYTES_AROUND, 4, 0.5),
                new CountedWriter("quiet", 1000, 10, 100, 3));
    }

    /** A script that writes until it is told to stop. */
    String script() {
        return "%s; %s\ni=0; while [ ! -e %s/%s ]; do %s; done\n%s\n"
                .formatted(
                        stdout.shellPreparation(),
                        stderr.shellPreparation(),
                        DIRECTORY,
                        STOP,
                        shellLines(),
                        shellCount());
    }

    /** A script that leaves a mark that it began, writes so many lines, and exits. */
    String script(int lines, int exitCode) {
        return ": >%s/%s.began; %s; %s\ni=0; while [ $i -lt %d ]; do %s; done\n%s\nexit %d\n"
                .formatted(
                        DIRECTORY,
                        name,
                        stdout.shellPreparation(),
                        stderr.shellPreparation(),
                        lines,
                        shellLines(),
                        shellCount(),
                        exitCode);
    }

    /** How many lines it has written on each stream, when it has ended. @param counts its directory */
    int count(Path counts) throws IOException {
        return Integer.parseInt(Files.readString(counts.resolve(name)).strip());
    }

    /** The bytes of so many lines on stdout: of a writer of little. */
    byte[] stdoutOf(int lines) {
        StringBuilder text = new StringBuilder();
        for (int number = 1; number <= lines; number++) {
            text.append(stdout.line(number));
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private String shellLines() {
        return String.format(
                Locale.ROOT,
                "i=$((i+1)); %s || exit 90; %s >&2 || exit 91; [ $((i %% %d)) -ne 0 ] || sleep %.2f",
                stdout.shellLine(),
                stderr.shellLine(),
                burst,
                pauseSeconds);
    }

    private String shellCount() {
        return "echo $i >%s/%s || exit 92".formatted(DIRECTORY, name);
    }
}
