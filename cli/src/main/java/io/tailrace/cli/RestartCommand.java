package io.tailrace.cli;

import io.tailrace.client.Container;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace restart}. */
@Command(
        name = "restart",
        header = "Stop containers and start them again; their timelines go on.",
        footer = {"", "Example:", "  tailrace restart -t 2 web"})
final class RestartCommand extends ContainersVerb {
    @Option(
            names = {"-t", "--time", "--timeout"},
            paramLabel = "SECONDS",
            description = "How long they have to end (default: the container's own, else 10).")
    private @Nullable Long seconds;

    @Override
    void apply(Container container) {
        container.restart(seconds == null ? null : Duration.ofSeconds(seconds));
    }
}
