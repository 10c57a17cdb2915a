package io.tailrace.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace image import}. */
@Command(
        name = "import",
        aliases = "load",
        header = "Load an archive: of docker save, an OCI layout, or the tar of a root file system.",
        footer = {
            "",
            "Examples:",
            "  docker save app:1 | tailrace image import -",
            "  tailrace image import rootfs.tar.gz base:1    a root file system needs a name"
        })
final class ImageImportCommand extends Verb {
    @Option(
            names = {"-q", "--quiet"},
            description = "Print the names, and nothing on the way.")
    private boolean isQuiet;

    @Parameters(index = "0", paramLabel = "FILE", description = "The archive, gzipped or not; -: stdin.")
    private String file = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "REFERENCE",
            description = "The name to give (default: the archive's).")
    private String reference = "";

    @Override
    public Integer call() throws IOException {
        try (var archive = open();
                var session = ServerSession.open(tool());
                var progress = new ProgressDisplay(streams(), isQuiet)) {
            var images = session.tailrace().images().importArchive(archive, reference, progress);
            for (var image : images) {
                streams()
                        .println(
                                image.references().isEmpty()
                                        ? image.id()
                                        : image.references().getFirst());
            }
        }
        return ExitCodes.OK;
    }

    private InputStream open() throws IOException {
        if (file.equals("-")) {
            if (streams().isInputTerminal()) {
                throw new CliException("stdin is a terminal (expected: an archive)", "redirect it, or name a file");
            }
            return streams().in();
        }
        try {
            return Files.newInputStream(Path.of(file));
        } catch (NoSuchFileException e) {
            throw new CliException("archive: \"%s\" (expected: a file, or - for stdin)".formatted(file));
        }
    }
}
