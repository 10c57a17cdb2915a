package io.tailrace.cli;

import picocli.CommandLine.Command;

/** {@code tailrace network}. */
@Command(
        name = "network",
        header = "Make, list, inspect, remove and prune networks in which containers find each other by name.",
        subcommands = {
            NetworkCreateCommand.class,
            NetworkListCommand.class,
            NetworkInspectCommand.class,
            NetworkRemoveCommand.class,
            NetworkPruneCommand.class
        },
        footer = {
            "",
            "Examples:",
            "  tailrace network create shop",
            "  tailrace run -d --network shop --name db --network-alias database app",
            "  tailrace run --rm --network shop busybox ping -c 1 database"
        })
final class NetworkCommand extends Verb {
    @Override
    public Integer call() {
        streams().print(commandSpec().commandLine().getUsageMessage());
        return ExitCodes.OK;
    }
}
