package io.tailrace.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Environment variables as docker's flags give them: {@code NAME=VALUE}, or {@code NAME} to take the value from here. */
final class Environment {
    private Environment() {}

    /** The variables of files, and over them those given one by one. */
    static Map<String, String> read(List<String> files, List<String> given) {
        Map<String, String> result = new LinkedHashMap<>();
        for (var file : files) {
            for (var line : lines(file)) {
                var entry = line.strip();
                if (!entry.isEmpty() && !entry.startsWith("#")) {
                    add(result, line.stripLeading());
                }
            }
        }
        given.forEach(entry -> add(result, entry));
        return result;
    }

    private static void add(Map<String, String> result, String entry) {
        int equals = entry.indexOf('=');
        if (equals == 0 || entry.isEmpty()) {
            throw new CliException("environment: \"%s\" (expected: NAME=VALUE or NAME)".formatted(entry));
        }
        if (equals > 0) {
            result.put(entry.substring(0, equals), entry.substring(equals + 1));
            return;
        }
        var value = System.getenv(entry);
        if (value != null) {
            result.put(entry, value);
        }
    }

    private static List<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of(file));
        } catch (NoSuchFileException e) {
            throw new CliException("env-file: \"%s\" (expected: a file)".formatted(file));
        } catch (IOException e) {
            throw new CliException("env-file: \"%s\" cannot be read: %s".formatted(file, e.getMessage()));
        }
    }
}
