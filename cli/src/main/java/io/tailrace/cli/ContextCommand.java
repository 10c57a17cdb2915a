package io.tailrace.cli;

import picocli.CommandLine.Command;

/** {@code tailrace context}. */
@Command(
        name = "context",
        header = "Name servers, and say which one is meant.",
        description = {
            "",
            "The context in use says which server is meant where --host and TAILRACE_HOST do not; --context names another "
                    + "one for one command, TAILRACE_CONTEXT for a while. The Java client and the TypeScript SDK go by it as well."
        },
        subcommands = {
            ContextCreateCommand.class,
            ContextUseCommand.class,
            ContextListCommand.class,
            ContextRemoveCommand.class
        },
        footer = {
            "",
            "Examples:",
            "  tailrace context create build --host https://build.example --token @build.token",
            "  tailrace context use build",
            "  tailrace --context default ps            the local server, this once"
        })
final class ContextCommand extends Verb {
    @Override
    public Integer call() {
        streams().print(commandSpec().commandLine().getUsageMessage());
        return ExitCodes.OK;
    }
}
