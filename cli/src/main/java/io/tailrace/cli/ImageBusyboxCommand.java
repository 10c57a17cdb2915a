package io.tailrace.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace image busybox}. */
@Command(
        name = "busybox",
        header = "Make a small image from this machine's static busybox; no registry is needed.",
        footer = {"", "Example:", "  tailrace image busybox && tailrace run --rm busybox echo hello"})
final class ImageBusyboxCommand extends Verb {
    @Option(names = "--binary", paramLabel = "FILE", description = "The busybox to use (default: the one on the PATH).")
    private @Nullable Path binary;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "REFERENCE",
            description = "Its name (default: busybox:latest).")
    private String reference = BusyboxImage.REFERENCE;

    @Override
    public Integer call() throws IOException {
        var image = binary == null ? BusyboxImage.ofThisMachine() : BusyboxImage.of(binary);
        try (var session = ServerSession.open(tool());
                var progress = new ProgressDisplay(streams(), true)) {
            session.tailrace().images().importArchive(image.archive(), reference, progress);
        }
        streams().println(reference);
        return ExitCodes.OK;
    }
}
