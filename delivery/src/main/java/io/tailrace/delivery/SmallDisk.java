package io.tailrace.delivery;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A file system of a test's own, a few MiB, that can be filled; needs the right to mount one. For one thread. */
public final class SmallDisk implements AutoCloseable {
    private static final int PAGE_BYTES = 4096;
    private static final String FULL = "No space left";

    private final Path root;

    private SmallDisk(Path root) {
        this.root = root;
    }

    /** Mounts one in a directory that is made for it; skips the test where that is not possible. */
    public static SmallDisk mount(Path root, int mebibytes) throws IOException, InterruptedException {
        return mounted(root, "size=%dm".formatted(mebibytes));
    }

    /** As {@link #mount(Path, int)}, with room for so many files and directories, its root among them. */
    public static SmallDisk mount(Path root, int mebibytes, int files) throws IOException, InterruptedException {
        return mounted(root, "size=%dm,nr_inodes=%d".formatted(mebibytes, files));
    }

    private static SmallDisk mounted(Path root, String options) throws IOException, InterruptedException {
        Files.createDirectory(root);
        Assumptions.assumeTrue(run("mount", "-t", "tmpfs", "-o", options, "tmpfs", root.toString()), "cannot mount");
        return new SmallDisk(root);
    }

    /** Where it is. */
    public Path root() {
        return root;
    }

    /** Takes room, and leaves the rest. */
    public void take(int bytes) throws IOException {
        Files.write(ballast(), new byte[bytes], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Fills it to the last page. */
    public void fill() {
        try (var file = Files.newOutputStream(ballast(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (true) {
                file.write(new byte[PAGE_BYTES]);
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains(FULL)) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Gives back some of what was taken. */
    public void give(int bytes) throws IOException {
        try (var file = new RandomAccessFile(ballast().toFile(), "rw")) {
            file.setLength(file.length() - bytes);
        }
    }

    /** Gives back all that was taken. */
    public void free() {
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
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    }
}
