package io.tailrace.cli;

import io.tailrace.client.Container;
import io.tailrace.client.FollowOptions;
import io.tailrace.client.RecordKind;
import io.tailrace.client.StandardStream;
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
            description = "Begin with the last lines, those of --until if that is given: a number, or all (default).")
    private String tail = "all";

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description =
                    "Only what came then or later: 10m ago, 2025-01-31T12:00:00Z, the same in local time without Z, "
                            + "or seconds since 1970.")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Only what came then or earlier, likewise.")
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
    public Integer call() throws IOException {
        try (var tailrace = connect()) {
            Container found = tailrace.containers().get(container);
            var process = exec == null ? found : found.getExec(exec);
            var sink = isJson ? new RecordLines(streams()) : new OutputLines(streams(), hasTimestamps);
            try (var follow = process.follow(options())) {
                for (var record : follow) {
                    sink.accept(record);
                }
            } catch (IOException | UncheckedIOException e) {
                // Whoever read our output has seen enough.
                if (!StandardStreams.isReaderGone(e)) {
                    throw e;
                }
                return ExitCodes.READER_LEFT;
            }
            return ExitCodes.OK;
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
        var options = new FollowOptions().until(isFollowing ? FollowOptions.End.EXIT : FollowOptions.End.NOW);
        var now = Instant.now();
        if (since != null) {
            options.since(Moments.parse("since", since, now));
        }
        if (until != null) {
            options.until(Moments.parse("until", until, now));
        }
        if (!tail.equals("all")) {
            options.lastLines(lines());
        }
        if (!isJson) {
            options.kinds(RecordKind.OUTPUT);
        }
        if (isStdoutOnly != isStderrOnly) {
            options.streams(isStdoutOnly ? StandardStream.STDOUT : StandardStream.STDERR);
        }
        return options;
    }
}
