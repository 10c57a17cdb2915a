package io.tailrace.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Directories of files given as bytes, for fuzz tests: one at a time, in one place that goes with the process. */
final class Directories {
    private static final Path PLACE = place();

    private Directories() {}

    /** A directory with these files and no others. */
    static Path of(Map<String, byte[]> files) throws IOException {
        delete(PLACE);
        Files.createDirectories(PLACE);
        for (var file : files.entrySet()) {
            Files.write(PLACE.resolve(file.getKey()), file.getValue());
        }
        return PLACE;
    }

    static Map<String, byte[]> read(Path directory) throws IOException {
        var files = new TreeMap<String, byte[]>();
        try (var entries = Files.newDirectoryStream(directory)) {
            for (var entry : entries) {
                files.put(entry.getFileName().toString(), Files.readAllBytes(entry));
            }
        }
        return files;
    }

    private static Path place() {
        try {
            // In memory: no input is worth a wait for the disk.
            var memory = Path.of("/dev/shm");
            var place = Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "tailrace-fuzz")
                    : Files.createTempDirectory("tailrace-fuzz");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(place), "fuzz-clean-up"));
            return place.resolve("timeline");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> tree = Files.exists(directory) ? Files.walk(directory) : Stream.empty()) {
            tree.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
