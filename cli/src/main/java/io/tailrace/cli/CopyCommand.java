package io.tailrace.cli;

import io.tailrace.client.CopyOptions;
import io.tailrace.client.PathStatus;
import io.tailrace.client.Tailrace;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace cp}. */
@Command(
        name = "cp",
        header = "Copy files into a container or out of it, whether it runs or not.",
        description = {
            "A source that is a directory becomes a directory in the target if that exists, else the target itself;",
            "with /. at its end, what is in it goes into the target.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  tailrace cp site web:/srv              the directory site, as /srv/site if there is /srv",
            "  tailrace cp site/. web:/srv            what is in it",
            "  tailrace cp web:/var/log/app.log .     a file",
            "  tailrace cp web:/etc - | tar t         as a tar",
            "  tar c . | tailrace cp - web:/srv       of a tar"
        })
final class CopyCommand extends Verb {
    @Option(
            names = {"-a", "--archive"},
            description = "Keep owners, and setuid and setgid bits.")
    private boolean keepsOwner;

    @Option(
            names = {"-L", "--follow-link"},
            description = "Follow a SOURCE that is a symbolic link.")
    private boolean followsLink;

    @Parameters(
            index = "0",
            paramLabel = "SOURCE",
            description = "CONTAINER:PATH, a path here, or -: a tar from stdin.")
    private String source = "";

    @Parameters(index = "1", paramLabel = "TARGET", description = "CONTAINER:PATH, a path here, or -: a tar to stdout.")
    private String target = "";

    /** A path in a container. */
    private record Remote(String container, String path) {
        /** As docker reads it: what begins with a dot or a slash is a path here, whatever comes after it. */
        static Optional<Remote> of(String text) {
            int colon = text.indexOf(':');
            if (colon <= 0 || text.startsWith("/") || text.startsWith(".")) {
                return Optional.empty();
            }
            String path = text.substring(colon + 1);
            return Optional.of(new Remote(text.substring(0, colon), path.startsWith("/") ? path : "/" + path));
        }
    }

    @Override
    public Integer call() throws IOException {
        Optional<Remote> from = Remote.of(source);
        Optional<Remote> to = Remote.of(target);
        if (from.isPresent() == to.isPresent()) {
            throw new CliException(
                    "cp %s %s (expected: one CONTAINER:PATH, and one path here)".formatted(source, target));
        }
        CopyOptions options = new CopyOptions(keepsOwner, followsLink);
        try (var tailrace = connect()) {
            if (from.isPresent()) {
                copyFrom(tailrace, from.get(), options);
            } else {
                copyTo(tailrace, to.orElseThrow(), options);
            }
        } catch (NoSuchFileException e) {
            throw new CliException("path: %s (expected: one that exists)".formatted(e.getMessage()));
        } catch (FileSystemException e) {
            throw new CliException("path: " + e.getMessage());
        }
        return ExitCodes.OK;
    }

    private void copyFrom(Tailrace tailrace, Remote from, CopyOptions options) throws IOException {
        var container = tailrace.containers().get(from.container());
        if (target.equals("-")) {
            if (streams().isOutputTerminal()) {
                throw new CliException("stdout is a terminal (expected: a file or a pipe, for a tar)");
            }
            container.readArchive(from.path(), streams().out());
            streams().out().flush();
            return;
        }
        if (container.stat(from.path()).type() != PathStatus.Type.DIRECTORY) {
            requireDirectory(target, "target");
        }
        container.copyFrom(from.path(), Path.of(target), options);
    }

    private void copyTo(Tailrace tailrace, Remote to, CopyOptions options) throws IOException {
        var container = tailrace.containers().get(to.container());
        if (source.equals("-")) {
            if (streams().isInputTerminal()) {
                throw new CliException("stdin is a terminal (expected: a tar)", "redirect it, or name a file");
            }
            container.writeArchive(to.path(), streams().in(), false);
            return;
        }
        requireDirectory(source, "source");
        container.copyTo(Path.of(source), to.path(), options);
    }

    /** What ends with a slash is to be a directory; Java's paths forget it. */
    private static void requireDirectory(String path, String what) {
        if (path.endsWith("/") && !Files.isDirectory(Path.of(path))) {
            throw new CliException("%s: %s (expected: a directory that exists)".formatted(what, path));
        }
    }
}
