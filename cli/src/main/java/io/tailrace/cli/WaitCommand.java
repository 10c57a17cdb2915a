package io.tailrace.cli;

import io.tailrace.client.Container;
import io.tailrace.client.ProcessStatus;
import io.tailrace.client.Tailrace;
import io.tailrace.client.WaitCondition;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace wait}. */
@Command(
        name = "wait",
        header = "Wait until containers have exited, and print their exit codes; or until they are healthy.",
        footer = {
            "",
            "Exits with 124 when the time is up, and with 1 when what is waited for does not come any more.",
            "",
            "Examples:",
            "  code=$(tailrace wait job)",
            "  tailrace wait --condition healthy --timeout 1m web && tailrace logs web"
        })
final class WaitCommand extends ContainersVerb {
    @Option(
            names = "--condition",
            paramLabel = "CONDITION",
            description = "not-running (default), next-exit, removed, or healthy, which prints nothing.")
    private String wanted = "not-running";

    @Option(names = "--timeout", paramLabel = "TIME", description = "For each at most: 30s, 10m (default: no limit).")
    private @Nullable String timeout;

    private WaitCondition condition = WaitCondition.NOT_RUNNING;
    private boolean isTimeUp;

    @Override
    int execute(Tailrace tailrace) {
        condition = switch (wanted) {
            case "not-running" -> WaitCondition.NOT_RUNNING;
            case "next-exit" -> WaitCondition.NEXT_EXIT;
            case "removed" -> WaitCondition.REMOVED;
            case "healthy" -> WaitCondition.HEALTHY;
            default ->
                throw new CliException(
                        "condition: \"%s\" (expected: not-running, next-exit, removed or healthy)".formatted(wanted));
        };
        int code = super.execute(tailrace);
        return isTimeUp ? ExitCodes.TIME_UP : code;
    }

    @Override
    void apply(Container container) {
        Duration limit = timeout == null ? null : Words.duration("timeout", timeout);
        Optional<ProcessStatus> status = container.waitFor(condition, limit);
        if (status.isEmpty()) {
            isTimeUp = true;
            streams().say("container %s: no %s within %s".formatted(Words.shortId(container.id()), word(), timeout));
        } else if (condition != WaitCondition.HEALTHY) {
            printExitCode(container, status.get());
        }
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

    @Override
    boolean isNamePrinted() {
        return false;
    }
}
