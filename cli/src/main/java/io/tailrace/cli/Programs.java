package io.tailrace.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/** Programs of this machine. */
final class Programs {
    /** Where system programs are, whatever a user's PATH says. */
    private static final List<String> ALWAYS =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

    private Programs() {}

    /** The executable file with a name, on the PATH or in the usual places. */
    static Optional<Path> find(String name) {
        var directories = new LinkedHashSet<String>();
        var path = System.getenv("PATH");
        if (path != null) {
            directories.addAll(List.of(path.split(":")));
        }
        directories.addAll(ALWAYS);
        return directories.stream()
                .filter(directory -> directory.startsWith("/"))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
