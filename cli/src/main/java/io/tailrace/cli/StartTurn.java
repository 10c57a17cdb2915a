package io.tailrace.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The turn to start a server where several commands may start one at once: whether its data directory has a server already
 * stays true as long as it is held. A file lock, which ends with its process.
 */
final class StartTurn implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final long POLL_MILLIS = 20;

    private final FileChannel file;

    private StartTurn(FileChannel file) {
        this.file = file;
    }

    /** @throws CliException if it does not come within a minute, or the directory cannot be written */
    static StartTurn await(Path dataDirectory) {
        try {
            Files.createDirectories(dataDirectory);
            var channel = FileChannel.open(
                    dataDirectory.resolve("starting"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                lock(channel, dataDirectory);
                return new StartTurn(channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new CliException("data directory: %s cannot be used: %s".formatted(dataDirectory, e.getMessage()));
        }
    }

    private static void lock(FileChannel channel, Path dataDirectory) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!isLocked(channel)) {
            if (System.nanoTime() > end) {
                throw new CliException("data directory: %s: other servers have been starting there for %d s"
                        .formatted(dataDirectory, LIMIT.toSeconds()));
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CliException("interrupted");
            }
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            @Nullable Object lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // held in this process
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new CliException("the start of a server: " + e.getMessage());
        }
    }
}
