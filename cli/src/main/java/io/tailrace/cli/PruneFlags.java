package io.tailrace.cli;

import io.tailrace.client.PruneOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the verbs that remove what nobody uses have in common. */
final class PruneFlags {
    /** Of an answer to a question; the rest of a longer one is not read. */
    private static final int ANSWER_BYTES_MAX = 16;

    @Option(
            names = {"-f", "--force"},
            description = "Do not ask.")
    private boolean isForced;

    @Option(
            names = "--filter",
            paramLabel = "KEY=VALUE",
            description = "until=TIME (24h, or 2025-01-31T12:00:00Z: only what was made before) or label=NAME[=VALUE]; "
                    + "all must hold.")
    private List<String> filters = new ArrayList<>();

    @Option(names = "--json", description = "What was removed, as JSON.")
    private boolean isJson;

    boolean isJson() {
        return isJson;
    }

    /** Asks on a terminal; without one there is nobody to ask. @return whether to go on */
    boolean isAllowed(StandardStreams streams, String what) {
        if (isForced) {
            return true;
        }
        if (!streams.isInputTerminal()) {
            throw new CliException("stdin: no terminal to ask on (expected: one, or --force)");
        }
        streams.print("This removes %s. Go on? [y/N] ".formatted(what));
        return isYes(streams);
    }

    private static boolean isYes(StandardStreams streams) {
        var answer = new StringBuilder();
        try {
            for (int read = streams.in().read();
                    read >= 0 && read != '\n';
                    read = streams.in().read()) {
                if (answer.length() < ANSWER_BYTES_MAX) {
                    answer.append(new String(new byte[] {(byte) read}, StandardCharsets.ISO_8859_1));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var word = answer.toString().strip().toLowerCase(Locale.ROOT);
        return word.equals("y") || word.equals("yes");
    }

    PruneOptions options() {
        Map<String, String> labels = new HashMap<>();
        Instant until = null;
        for (var filter : filters) {
            int equals = filter.indexOf('=');
            var value = equals < 0 ? "" : filter.substring(equals + 1);
            switch (equals < 0 ? filter : filter.substring(0, equals)) {
                case "label" -> {
                    int inner = value.indexOf('=');
                    labels.put(
                            inner < 0 ? value : value.substring(0, inner), inner < 0 ? "" : value.substring(inner + 1));
                }
                case "until" -> until = earlier(until, time(value));
                default -> throw new CliException("filter: \"%s\" (expected: until= or label=)".formatted(filter));
            }
        }
        return new PruneOptions(until, labels);
    }

    private static Instant earlier(@Nullable Instant one, Instant other) {
        return one != null && one.isBefore(other) ? one : other;
    }

    /** A time, or how long ago it was. */
    private static Instant time(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return Instant.now().minus(Words.duration("until", text));
        }
    }
}
