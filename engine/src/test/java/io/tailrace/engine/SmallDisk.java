package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/** A file system of a test's own, a few MiB, that can be filled; needs the right to mount one. */
final class SmallDisk implements AutoCloseable {
    private final Path root;

    private SmallDisk(Path root) {
        this.root = root;
    }

    /** Mounts one; skips the test where that is not possible. */
    static SmallDisk mount(Path root, int mebibytes) throws IOException, InterruptedException {
        Files.createDirectory(root);
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", root.toString()), "cannot mount");
        return new SmallDisk(root);
    }

    Path root() {
        return root;
    }

    /** Takes room, and leaves the rest. */
    void take(int bytes) throws IOException {
        Files.write(ballast(), new byte[bytes], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Fills it to the last byte: also within the last page of the file. */
    void fill() {
        try (var ballast = Files.newOutputStream(ballast(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (true) {
                ballast.write(new byte[4096]);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
    }

    /** Gives back some of what was taken. */
    void give(int bytes) throws IOException {
        try (FileChannel ballast = FileChannel.open(ballast(), StandardOpenOption.WRITE)) {
            ballast.truncate(ballast.size() - bytes);
        }
    }

    /** Takes away what filled it. */
    void free() {
        try {
            Files.delete(ballast());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path ballast() {
        return root.resolve("ballast");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        run("umount", "-l", root.toString());
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    }
}
