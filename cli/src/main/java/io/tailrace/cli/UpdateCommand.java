package io.tailrace.cli;

import io.tailrace.client.Container;
import io.tailrace.client.ContainerUpdate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tailrace update}. */
@Command(
        name = "update",
        header = "Change limits and restart policy of containers, also while they run; 0 lifts a limit.",
        footer = {
            "",
            "Examples:",
            "  tailrace update --memory 512m --cpus 1.5 web",
            "  tailrace update --restart no web"
        })
final class UpdateCommand extends ContainersVerb {
    @Mixin
    private LimitFlags limits = new LimitFlags();

    @Option(
            names = "--restart",
            paramLabel = "POLICY",
            description = "on-failure, on-failure:3, always, unless-stopped or no, from the next end on.")
    private @Nullable String restart;

    @Override
    void apply(Container container) {
        var update = new ContainerUpdate();
        limits.set(update);
        ContainerFlags.ifGiven(restart, text -> update.restart(Words.restartPolicy(text)));
        container.update(update);
    }
}
