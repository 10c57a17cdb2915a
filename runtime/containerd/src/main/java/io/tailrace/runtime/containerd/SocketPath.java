package io.tailrace.runtime.containerd;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Finds room for unix sockets, whose paths the kernel limits to 107 bytes, however deep a data directory lies. */
final class SocketPath {
    /** {@code sizeof(sun_path) - 1}, less the suffix {@code .ttrpc} that containerd appends for its second socket. */
    static final int BYTES_MAX = 107 - ".ttrpc".length();

    private static final Path SHORT_DIRECTORY = Path.of("/run/tailrace");
    private static final int HASH_CHARACTERS = 12;

    private SocketPath() {}

    /** The socket of this name that belongs to a directory: in it, or under /run/tailrace where that is too long. */
    static Path of(Path directory, String name) {
        Path direct = directory.resolve(name);
        if (direct.toString().getBytes(StandardCharsets.UTF_8).length <= BYTES_MAX) {
            return direct;
        }
        return SHORT_DIRECTORY.resolve(hash(directory)).resolve(name);
    }

    private static String hash(Path directory) {
        String digest = Digests.of(directory.toString().getBytes(StandardCharsets.UTF_8));
        return digest.substring("sha256:".length()).substring(0, HASH_CHARACTERS);
    }
}
