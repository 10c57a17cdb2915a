package io.tailrace.delivery.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A directory for the files of a fuzz target, which goes with the process. */
public final class FuzzPlace {
    private static final Path MEMORY = Path.of("/dev/shm");

    private FuzzPlace() {}

    /** A new one; in memory where that can be had, since no input is worth a wait for the disk. */
    public static Path make() {
        try {
            Path place = Files.isWritable(MEMORY)
                    ? Files.createTempDirectory(MEMORY, "tailrace-fuzz")
                    : Files.createTempDirectory("tailrace-fuzz");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(place), "fuzz-clean-up"));
            return place;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes a directory and all in it, if it is there. */
    public static void delete(Path directory) {
        try (Stream<Path> tree = Files.exists(directory) ? Files.walk(directory) : Stream.empty()) {
            tree.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
