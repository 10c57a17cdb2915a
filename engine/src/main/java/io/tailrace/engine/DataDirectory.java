package io.tailrace.engine;

import io.tailrace.log.Disk;
import io.tailrace.log.TimelineFullException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the timelines are:
 *
 * <pre>
 * lock                                          held by the one server that uses the directory
 * feed-floor                                    the highest feed sequence of timelines that retention deleted
 * containers/ID/timeline/                       a container's
 * containers/ID/execs/EXEC-ID/timeline/         an exec's
 * deleted/                                      what is being deleted, of which nothing must be read any more
 * </pre>
 *
 * Thread-safe.
 */
final class DataDirectory implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DataDirectory.class);
    private static final Pattern CONTAINER_ID = Pattern.compile("[0-9a-f]{64}");
    private static final String TIMELINE = "timeline";

    private final Path root;
    private final FileChannel lockFile;
    private final boolean isSafe;

    private DataDirectory(Path root, FileChannel lockFile, boolean isSafe) {
        this.isSafe = isSafe;
        this.root = root;
        this.lockFile = lockFile;
    }

    /**
     * Makes it if it is missing, and locks it. FAILED_PRECONDITION if another server has it.
     *
     * @param isSafe whether what is made in it is to outlast a power cut
     */
    static DataDirectory open(Path root, boolean isSafe) {
        FileChannel lockFile = null;
        try {
            Disk.makeDirectories(root.resolve("containers"), isSafe);
            if (isSafe) {
                Disk.sync(root); // an earlier server may have been killed in between
            }
            Disk.enter(Disk.Call.OPEN, root.resolve("lock"));
            lockFile = FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (lock(lockFile) == null) {
                throw new EngineException(
                        ErrorCode.FAILED_PRECONDITION,
                        "data directory: %s (expected: one that no other server uses)".formatted(root));
            }
            DataDirectory opened = new DataDirectory(root, lockFile, isSafe);
            opened.completeDeletions();
            opened.makeFeedFloor();
            return opened;
        } catch (IOException e) {
            closeQuietly(lockFile);
            throw failure("open", root, e);
        } catch (RuntimeException e) {
            closeQuietly(lockFile);
            throw e;
        }
    }

    private static void closeQuietly(@Nullable FileChannel file) {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            log.debug("the lock was not let go in order", e);
        }
    }

    private static @Nullable FileLock lock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    Path containerTimeline(String id) {
        return container(id).resolve(TIMELINE);
    }

    Path execTimeline(String id, String execId) {
        return execs(id).resolve(execId).resolve(TIMELINE);
    }

    private Path container(String id) {
        return root.resolve("containers").resolve(id);
    }

    private Path execs(String id) {
        return container(id).resolve("execs");
    }

    List<String> containerIds() {
        return names(root.resolve("containers")).stream()
                .filter(name -> CONTAINER_ID.matcher(name).matches())
                .toList();
    }

    List<String> execIds(String id) {
        return names(execs(id));
    }

    /** What the files of a container's timelines hold, those of its execs included. */
    long sizeBytes(String id) {
        try {
            FileSizes sizes = new FileSizes();
            Files.walkFileTree(container(id), sizes);
            return sizes.bytes();
        } catch (IOException e) {
            throw failure("measure", container(id), e);
        }
    }

    void deleteContainer(String id) {
        delete(container(id));
    }

    void deleteExec(String id, String execId) {
        delete(execs(id).resolve(execId));
    }

    /** Deletes what could not be made. What cannot be deleted now has no record of being made: it goes with the next start. */
    void deleteAfter(RuntimeException failure, String id, String execId) {
        try {
            if (execId.isEmpty()) {
                deleteContainer(id);
            } else {
                deleteExec(id, execId);
            }
        } catch (EngineException e) {
            failure.addSuppressed(e);
        }
    }

    private Path deleted() {
        return root.resolve("deleted");
    }

    /** Goes on with what an earlier server did not get done. */
    private void completeDeletions() throws IOException {
        Disk.makeDirectories(deleted(), isSafe);
        for (String name : names(deleted())) {
            try {
                deleteTree(deleted().resolve(name));
            } catch (EngineException e) {
                log.warn("what was deleted still takes up room", e);
            }
        }
    }

    /** Takes it away in one step first: half a timeline would be read as the whole of it at the next start. */
    private void delete(Path directory) {
        Path moved = deleted().resolve(UUID.randomUUID().toString());
        try {
            Disk.move(directory, moved);
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw failure("delete", directory, e);
        }
        deleteTree(moved);
    }

    /** The highest feed sequence that deleted timelines held. */
    long feedFloor() {
        try {
            Disk.enter(Disk.Call.OPEN, root.resolve("feed-floor"));
            String text = Files.readString(root.resolve("feed-floor")).strip();
            return text.isEmpty() ? 0 : Long.parseLong(text);
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException | NumberFormatException e) {
            throw new EngineException(ErrorCode.INTERNAL, "feed-floor in %s cannot be read".formatted(root), e);
        }
    }

    /**
     * Remembers that feed sequences up to this one were given, before the timelines that show it are deleted. Written in
     * place, by one call to the kernel.
     */
    synchronized void raiseFeedFloor(long sequence) {
        if (sequence <= feedFloor()) {
            return;
        }
        try {
            writeFeedFloor(sequence);
        } catch (IOException e) {
            throw failure("write feed-floor in", root, e);
        }
    }

    /** Takes the room for it while there is some. */
    private void makeFeedFloor() {
        if (Files.exists(root.resolve("feed-floor"))) {
            return;
        }
        try {
            writeFeedFloor(0);
        } catch (IOException e) {
            log.warn("no room for feed-floor in {}: timelines are not deleted before there is: {}", root, e.toString());
        }
    }

    /** A new number takes the place of the old one, which needs no room on a full disk. */
    private void writeFeedFloor(long sequence) throws IOException {
        Disk.enter(Disk.Call.OPEN, root.resolve("feed-floor"));
        try (FileChannel file =
                FileChannel.open(root.resolve("feed-floor"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap("%019d\n".formatted(sequence).getBytes(StandardCharsets.US_ASCII)), 0);
        }
    }

    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException e) {
            throw failure("close", root, e);
        }
    }

    /** Makes the directory of a timeline, so that what is then recorded there is as safe as it is to be. */
    void makeTimeline(Path directory) throws IOException {
        Disk.makeDirectories(directory, false);
        if (!isSafe) {
            return;
        }
        // Also those that are there: an earlier server may have been killed before it came to this.
        Path containers = root.resolve("containers");
        for (Path path = directory.getParent(); path != null && path.startsWith(containers); path = path.getParent()) {
            Disk.sync(path);
        }
    }

    private static List<String> names(Path directory) {
        try {
            Disk.enter(Disk.Call.LIST, directory);
            try (Stream<Path> entries = Files.list(directory)) {
                return entries.map(entry -> entry.getFileName().toString())
                        .sorted()
                        .toList();
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw failure("list", directory, e);
        }
    }

    private static void deleteTree(Path directory) {
        try {
            Disk.enter(Disk.Call.LIST, directory);
            try (Stream<Path> tree = Files.walk(directory)) {
                for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Disk.enter(Disk.Call.DELETE, path);
                    Files.deleteIfExists(path);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            throw failure("delete", directory, e);
        }
    }

    private static EngineException failure(String action, Path path, Exception e) {
        ErrorCode code = OutOfFiles.is(e) || e instanceof TimelineFullException
                ? ErrorCode.RESOURCE_EXHAUSTED
                : ErrorCode.INTERNAL;
        return new EngineException(code, "cannot %s %s: %s".formatted(action, path, e), e);
    }
}
