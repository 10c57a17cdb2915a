package io.tailrace.log;

import io.tailrace.delivery.fuzz.FuzzPlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Directories of files given as bytes, for fuzz tests: one at a time, in one place that goes with the process. */
final class Directories {
    private static final Path PLACE = FuzzPlace.make().resolve("timeline");

    private Directories() {}

    /** A directory with these files and no others. */
    static Path of(Map<String, byte[]> files) throws IOException {
        FuzzPlace.delete(PLACE);
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
}
