package io.tailrace.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A server that has a name: see {@link Contexts}.
 *
 * @param name 1 to 128 of {@code [a-zA-Z0-9_.-]}, beginning with a letter or digit
 * @param address as {@link Tailrace.Builder#address} takes it
 * @param tokenFile absolute path of the file that has the server's token, readable for its owner only; null: none
 */
public record Context(String name, String address, @Nullable Path tokenFile) {
    /** More than a token has. */
    private static final int TOKEN_BYTES_MAX = 64 << 10;

    private static final Set<PosixFilePermission> OWNERS = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    /** The token that its file has now; null if it names none. INVALID_ARGUMENT if others can read the file, or nobody. */
    @Nullable String token() {
        return tokenFile == null ? null : read(tokenFile);
    }

    private static String read(Path file) {
        try {
            // As ssh has it for keys: what others can read is no secret.
            var permissions = Files.getPosixFilePermissions(file);
            if (!OWNERS.containsAll(permissions)) {
                throw invalid(
                        file,
                        "mode %s (expected: %s, with chmod 600)"
                                .formatted(PosixFilePermissions.toString(permissions), "rw-------"));
            }
            if (Files.size(file) > TOKEN_BYTES_MAX) {
                throw invalid(file, "%d bytes (expected: at most %d)".formatted(Files.size(file), TOKEN_BYTES_MAX));
            }
            var token = Files.readString(file).strip();
            if (token.isEmpty()) {
                throw invalid(file, "empty (expected: a token)");
            }
            return token;
        } catch (IOException e) {
            throw invalid(file, "cannot be read: " + e);
        }
    }

    private static TailraceException invalid(Path file, String what) {
        return new TailraceException(ErrorCode.INVALID_ARGUMENT, "token file: %s: %s".formatted(file, what));
    }
}
