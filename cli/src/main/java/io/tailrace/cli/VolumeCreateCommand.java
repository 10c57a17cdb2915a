package io.tailrace.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace volume create}. */
@Command(
        name = "create",
        header = "Make a volume; one of the name with the same labels is no error.",
        footer = {"", "Example:", "  tailrace volume create --label app=web data"})
final class VolumeCreateCommand extends Verb {
    @Option(
            names = {"-l", "--label"},
            paramLabel = "NAME[=VALUE]",
            description = "Add a label.")
    private List<String> labels = new ArrayList<>();

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "Its name (default: made up).")
    private String name = "";

    @Override
    public Integer call() {
        try (var session = ServerSession.open(tool())) {
            var volume = session.tailrace().volumes().create(name, LabelFlags.parse(labels));
            streams().println(volume.name());
        }
        return ExitCodes.OK;
    }
}
