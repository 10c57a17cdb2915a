package io.tailrace.log;

import java.io.IOException;
import java.nio.file.Path;

/** Makes FIFOs. */
final class Fifo {
    private Fifo() {}

    static Path make(Path path) throws IOException, InterruptedException {
        var process = new ProcessBuilder("mkfifo", path.toString()).inheritIO().start();
        if (process.waitFor() != 0) {
            throw new IOException("mkfifo " + path);
        }
        return path;
    }
}
