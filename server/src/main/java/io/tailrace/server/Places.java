package io.tailrace.server;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where things are on this machine for this user, by the XDG Base Directory Specification and the FHS. */
final class Places {
    private static final boolean IS_ROOT = "root".equals(System.getProperty("user.name"));

    private Places() {}

    static boolean isRoot() {
        return IS_ROOT;
    }

    static Path dataDirectory() {
        if (IS_ROOT) {
            return Path.of("/var/lib/tailrace");
        }
        return directory("XDG_DATA_HOME", Path.of(System.getProperty("user.home"), ".local", "share"))
                .resolve("tailrace");
    }

    static Path unixSocket() {
        if (IS_ROOT) {
            return Path.of("/run/tailrace/tailrace.sock");
        }
        return directory("XDG_RUNTIME_DIR", dataDirectory()).resolve("tailrace.sock");
    }

    private static Path directory(String variable, Path otherwise) {
        @Nullable String value = System.getenv(variable);
        return value == null || value.isEmpty() ? otherwise : Path.of(value);
    }
}
