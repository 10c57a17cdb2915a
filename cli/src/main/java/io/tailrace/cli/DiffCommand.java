package io.tailrace.cli;

import io.tailrace.client.FileChange;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace diff}. */
@Command(
        name = "diff",
        header = "Show what a container has changed in its image's files: A added, C changed, D deleted.",
        footer = {"", "Example:", "  tailrace diff web"})
final class DiffCommand extends Verb {
    @Option(names = "--json", description = "As JSON.")
    private boolean isJson;

    @Parameters(index = "0", paramLabel = "CONTAINER", description = "Id, prefix of one, or name.")
    private String container = "";

    @Override
    public Integer call() {
        List<FileChange> changes;
        try (var tailrace = connect()) {
            changes = tailrace.containers().get(container).changes();
        }
        if (isJson) {
            streams().println(Json.pretty(changes));
            return ExitCodes.OK;
        }
        var text = new StringBuilder();
        for (var change : changes) {
            text.append(letter(change.kind()))
                    .append(' ')
                    .append(change.path().replace("\n", "\\n"))
                    .append('\n');
        }
        streams().print(text.toString());
        return ExitCodes.OK;
    }

    private static char letter(FileChange.Kind kind) {
        return switch (kind) {
            case ADDED -> 'A';
            case MODIFIED -> 'C';
            case DELETED -> 'D';
            case UNKNOWN -> '?';
        };
    }
}
