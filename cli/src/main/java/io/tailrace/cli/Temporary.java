package io.tailrace.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;

/** Directories that are gone when this process is. Only this user may enter them. */
final class Temporary {
    private Temporary() {}

    static Path directory() {
        try {
            return Files.createTempDirectory("tailrace-");
        } catch (IOException e) {
            throw new CliException("no temporary directory can be made: " + e.getMessage());
        }
    }

    /** Deletes a directory with all that is in it, as far as that is possible. */
    static void delete(Path directory) {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (var paths = Files.walk(directory)) {
            for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("tailrace: %s could not be deleted: %s".formatted(directory, e.getMessage()));
        }
    }
}
