package io.tailrace.cli;

import picocli.CommandLine.Command;

/** {@code tailrace volume}. */
@Command(
        name = "volume",
        header = "Make, list, inspect, remove and prune named volumes.",
        subcommands = {
            VolumeCreateCommand.class,
            VolumeListCommand.class,
            VolumeInspectCommand.class,
            VolumeRemoveCommand.class,
            VolumePruneCommand.class
        },
        footer = {
            "",
            "Examples:",
            "  tailrace run -v data:/var/lib/app app    made by the first container that wants it",
            "  tailrace volume ls --filter label=app=web",
            "  tailrace volume prune                    what containers that named none have left"
        })
final class VolumeCommand extends Verb {
    @Override
    public Integer call() {
        streams().print(commandSpec().commandLine().getUsageMessage());
        return ExitCodes.OK;
    }
}
