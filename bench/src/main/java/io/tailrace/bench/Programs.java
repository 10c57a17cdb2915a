package io.tailrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The system's programs: where they are, and what they print. */
final class Programs {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private Programs() {}

    /** The path of a program, looked for in PATH and where system administration's programs are. */
    static Optional<Path> find(String name) {
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
        return Stream.concat(Arrays.stream(path.split(":")), Stream.of("/usr/sbin", "/sbin"))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The path of a program that the comparisons cannot do without. */
    static Path require(String name) {
        return find(name)
                .orElseThrow(() -> new BenchException(name + ": not found in PATH (./tailrace setup installs it)"));
    }

    /** Runs a program to its end. @return what it wrote to stdout, without the white space around it */
    static String run(List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("tailrace-bench-", ".stdout");
        try {
            writeOutput(command, output);
            return Files.readString(output).strip();
        } finally {
            Files.delete(output);
        }
    }

    /** Runs a program to its end, its stdout written to a file. */
    static void writeOutput(List<String> command, Path file) throws IOException, InterruptedException {
        Path errors = Files.createTempFile("tailrace-bench-", ".stderr");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(file.toFile())
                    .redirectError(errors.toFile())
                    .start();
            if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new BenchException(command + ": still running after " + TIMEOUT);
            }
            if (process.exitValue() != 0) {
                throw new BenchException("%s: exit code %d: %s"
                        .formatted(
                                command,
                                process.exitValue(),
                                Files.readString(errors).strip()));
            }
        } finally {
            Files.delete(errors);
        }
    }

    /** The first line that a program prints about itself, or why there is none. */
    static String version(String... command) throws InterruptedException {
        if (find(command[0]).isEmpty()) {
            return "not installed";
        }
        try {
            return run(List.of(command)).lines().findFirst().orElse("says nothing");
        } catch (IOException | BenchException e) {
            return "unknown";
        }
    }
}
