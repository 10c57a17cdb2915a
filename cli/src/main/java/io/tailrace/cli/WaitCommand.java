package io.tailrace.cli;

import io.tailrace.client.Container;
import io.tailrace.client.LineMatch;
import io.tailrace.client.LineOptions;
import io.tailrace.client.ProcessStatus;
import io.tailrace.client.StandardStream;
import io.tailrace.client.Tailrace;
import io.tailrace.client.WaitCondition;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace wait}. */
@Command(
        name = "wait",
        header =
                "Wait until containers have exited, and print their exit codes; or until they are healthy, or for a line.",
        description = {
            "",
            "With --line: until a container has written a line that matches, which is printed; one that has ended without "
                    + "it fails. What it wrote before counts, too."
        },
        footer = {
            "",
            "Exits with 124 when the time is up, and with 1 when what is waited for does not come any more.",
            "",
            "Examples:",
            "  code=$(tailrace wait job)",
            "  tailrace wait --condition healthy --timeout 1m web && tailrace logs web",
            "  tailrace wait --line 'listening on port \\d+' --timeout 30s web"
        })
final class WaitCommand extends ContainersVerb {
    @Option(
            names = "--condition",
            paramLabel = "CONDITION",
            description = "not-running (default), next-exit, removed, or healthy, which prints nothing.")
    private @Nullable String wanted;

    @Option(names = "--timeout", paramLabel = "TIME", description = "For each at most: 30s, 10m (default: no limit).")
    private @Nullable String timeout;

    @Option(
            names = "--line",
            paramLabel = "PATTERN",
            description = "Wait for a line in which this regular expression (RE2) is found.")
    private @Nullable String line;

    @Option(names = "--stdout", description = "With --line: only of stdout.")
    private boolean isStdoutOnly;

    @Option(names = "--stderr", description = "With --line: only of stderr.")
    private boolean isStderrOnly;

    @Option(
            names = "--since-cursor",
            paramLabel = "CURSOR",
            description = "With --line: only behind this cursor, as --json of a line found before shows it.")
    private @Nullable String cursor;

    @Option(names = "--json", description = "With --line: the line as JSON, with the cursor behind it.")
    private boolean isJson;

    @Option(names = "--exec", paramLabel = "ID", description = "With --line: one of an exec in the container.")
    private @Nullable String exec;

    private WaitCondition condition = WaitCondition.NOT_RUNNING;
    private boolean isTimeUp;

    @Override
    int execute(Tailrace tailrace) {
        if (line == null) {
            requireNoLineOptions();
        } else if (wanted != null) {
            throw new CliException("condition: \"%s\" (expected: none, with --line)".formatted(wanted));
        }
        condition = condition();
        int code = super.execute(tailrace);
        return isTimeUp ? ExitCodes.TIME_UP : code;
    }

    private WaitCondition condition() {
        return switch (wanted == null ? "not-running" : wanted) {
            case "not-running" -> WaitCondition.NOT_RUNNING;
            case "next-exit" -> WaitCondition.NEXT_EXIT;
            case "removed" -> WaitCondition.REMOVED;
            case "healthy" -> WaitCondition.HEALTHY;
            default ->
                throw new CliException(
                        "condition: \"%s\" (expected: not-running, next-exit, removed or healthy)".formatted(wanted));
        };
    }

    @Override
    void apply(Container container) {
        Duration limit = timeout == null ? null : Words.duration("timeout", timeout);
        if (line == null) {
            await(container, limit);
        } else {
            find(container, line, limit);
        }
    }

    private void await(Container container, @Nullable Duration limit) {
        Optional<ProcessStatus> status = container.waitFor(condition, limit);
        if (status.isEmpty()) {
            timeIsUp(container, word());
        } else if (condition != WaitCondition.HEALTHY) {
            printExitCode(container, status.get());
        }
    }

    private void timeIsUp(Container container, String missing) {
        isTimeUp = true;
        streams().say("container %s: no %s within %s".formatted(Words.shortId(container.id()), missing, timeout));
    }

    private String word() {
        return switch (condition) {
            case NOT_RUNNING, NEXT_EXIT -> "exit";
            case REMOVED -> "removal";
            case HEALTHY -> "health";
        };
    }

    private void printExitCode(Container container, ProcessStatus status) {
        var exit = status.exit();
        if (exit != null) {
            streams().println(Integer.toString(exit.exitCode()));
        } else if (condition == WaitCondition.NOT_RUNNING) {
            container.waitFor(); // says that it was never started
        }
    }

    private void requireNoLineOptions() {
        if (isStdoutOnly || isStderrOnly || isJson || cursor != null || exec != null) {
            throw new CliException(
                    "line: not given (expected: a pattern, with --stdout, --stderr, --since-cursor, --exec or"
                            + " --json)");
        }
    }

    private void find(Container container, String pattern, @Nullable Duration limit) {
        var options = new LineOptions(pattern);
        if (limit != null) {
            options.timeout(limit);
        }
        if (cursor != null) {
            options.after(cursor);
        }
        if (isStdoutOnly != isStderrOnly) {
            options.streams(isStdoutOnly ? StandardStream.STDOUT : StandardStream.STDERR);
        }
        var process = exec == null ? container : container.getExec(exec);
        process.waitForLine(options)
                .ifPresentOrElse(this::print, () -> timeIsUp(container, "line that matches \"%s\"".formatted(pattern)));
    }

    private void print(LineMatch match) {
        var found = match.line();
        if (!isJson) {
            streams().println(found.text());
            return;
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("stream", found.stream().name().toLowerCase(Locale.ROOT));
        fields.put("timestamp", found.timestamp());
        fields.put("offset", found.offset());
        fields.put("text", found.text());
        fields.put("cursor", match.cursor());
        streams().println(Json.line(fields));
    }

    @Override
    boolean isNamePrinted() {
        return false;
    }
}
