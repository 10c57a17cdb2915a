package io.tailrace.cli;

import io.tailrace.client.Container;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace stop}. */
@Command(
        name = "stop",
        header = "Ask containers to end, and kill those that do not in time.",
        footer = {"", "Examples:", "  tailrace stop web", "  tailrace stop -t 0 web db"})
final class StopCommand extends ContainersVerb {
    @Option(
            names = {"-t", "--time", "--timeout"},
            paramLabel = "SECONDS",
            description = "How long they have (default: the container's own, else 10).")
    private @Nullable Long seconds;

    @Override
    void apply(Container container) {
        container.stop(seconds == null ? null : Duration.ofSeconds(seconds));
    }
}
