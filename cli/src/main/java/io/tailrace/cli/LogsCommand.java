package io.tailrace.cli;

import io.tailrace.client.Container;
import io.tailrace.client.FollowOptions;
import io.tailrace.client.RecordKind;
import io.tailrace.client.StandardStream;
import io.tailrace.client.TimelineRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace logs}. */
@Command(
        name = "logs",
        header = "Show what a container wrote: all of it, byte for byte, also if it is gone.",
        description = {
            "",
            "stdout comes out as stdout and stderr as stderr. With -f it goes on until the container exits, over lost "
                    + "connections and restarts of the server, without missing or repeating a byte."
        },
        footer = {
            "",
            "Examples:",
            "  tailrace logs -f -n 20 web",
            "  tailrace logs --since 10m --stderr web",
            "  tailrace logs --json web | jq -r 'select(.kind==\"exit\").status.exitCode'"
        })
final class LogsCommand extends Verb {
    @Option(
            names = {"-f", "--follow"},
            description = "Go on until the container exits.")
    private boolean isFollowing;

    @Option(
            names = {"-n", "--tail"},
            paramLabel = "LINES",
            description = "Begin with the last lines: a number, or all (default).")
    private String tail = "all";

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Only what came after: 10m ago, or 2025-01-31T12:00:00Z.")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Only what came before, likewise.")
    private @Nullable String until;

    @Option(
            names = {"-t", "--timestamps"},
            description = "Begin each line with its time.")
    private boolean hasTimestamps;

    @Option(names = "--stdout", description = "Only stdout.")
    private boolean isStdoutOnly;

    @Option(names = "--stderr", description = "Only stderr.")
    private boolean isStderrOnly;

    @Option(names = "--json", description = "Every record of the timeline, one JSON object a line.")
    private boolean isJson;

    @Option(names = "--exec", paramLabel = "ID", description = "What an exec in the container wrote.")
    private @Nullable String exec;

    @Parameters(index = "0", paramLabel = "CONTAINER", description = "Id, prefix of one, or name.")
    private String container = "";

    @Override
    public Integer call() {
        try (var tailrace = connect()) {
            Container found = tailrace.containers().get(container);
            var process = exec == null ? found : found.getExec(exec);
            var sink = isJson ? new RecordLines(streams()) : new OutputLines(streams(), hasTimestamps);
            var window = TimeWindow.of(since, until, Instant.now());
            try {
                var cursor = "";
                if (!tail.equals("all")) {
                    cursor = new LogTail(process, this::options).print(lines(), record -> show(record, window, sink));
                    if (!isFollowing) {
                        return ExitCodes.OK;
                    }
                }
                var options = options().until(isFollowing ? FollowOptions.End.EXIT : FollowOptions.End.NOW);
                if (!cursor.isEmpty()) {
                    options.after(cursor);
                }
                try (var follow = process.follow(options)) {
                    for (var record : follow) {
                        if (window.isPast(record)) {
                            break;
                        }
                        show(record, window, sink);
                    }
                }
            } catch (UncheckedIOException e) {
                // Whoever read our output has seen enough.
                if (!StandardStreams.isReaderGone(e)) {
                    throw e;
                }
                return ExitCodes.READER_LEFT;
            }
            return ExitCodes.OK;
        }
    }

    private static void show(TimelineRecord record, TimeWindow window, RecordSink sink) {
        if (!window.contains(record)) {
            return;
        }
        try {
            sink.accept(record);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long lines() {
        try {
            long lines = Long.parseLong(tail);
            if (lines >= 0) {
                return lines;
            }
        } catch (NumberFormatException e) {
            // Told below, with what was expected.
        }
        throw new CliException("tail: \"%s\" (expected: a number of lines, or all)".formatted(tail));
    }

    private FollowOptions options() {
        var options = new FollowOptions();
        if (!isJson) {
            options.kinds(RecordKind.OUTPUT);
        }
        if (isStdoutOnly != isStderrOnly) {
            options.streams(isStdoutOnly ? StandardStream.STDOUT : StandardStream.STDERR);
        }
        return options;
    }
}
