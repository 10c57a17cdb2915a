package io.tailrace.cli;

import picocli.CommandLine.Command;

/** {@code tailrace image}. */
@Command(
        name = "image",
        header = "List, pull, import, remove and prune images.",
        subcommands = {
            ImageListCommand.class,
            ImagePullCommand.class,
            ImageImportCommand.class,
            ImageBusyboxCommand.class,
            ImageRemoveCommand.class,
            ImagePruneCommand.class
        },
        footer = {
            "",
            "Examples:",
            "  tailrace image busybox                       a small image from this machine's busybox",
            "  docker save app | tailrace image import -    from another store",
            "  tailrace image import rootfs.tar base:1      from the tar of a root file system"
        })
final class ImageCommand extends Verb {
    @Override
    public Integer call() {
        streams().print(commandSpec().commandLine().getUsageMessage());
        return ExitCodes.OK;
    }
}
