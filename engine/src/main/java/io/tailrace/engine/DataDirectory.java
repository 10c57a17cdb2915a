package io.tailrace.engine;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the timelines are:
 *
 * <pre>
 * lock                                          held by the one server that uses the directory
 * feed-floor                                    the highest feed sequence of timelines that retention deleted
 * containers/ID/timeline/                       a container's
 * containers/ID/execs/EXEC-ID/timeline/         an exec's
 * </pre>
 *
 * Thread-safe.
 */
final class DataDirectory implements AutoCloseable {
    private static final Pattern CONTAINER_ID = Pattern.compile("[0-9a-f]{64}");
    private static final String TIMELINE = "timeline";

    private final Path root;
    private final FileChannel lockFile;

    private DataDirectory(Path root, FileChannel lockFile) {
        this.root = root;
        this.lockFile = lockFile;
    }

    /** Makes it if it is missing, and locks it. FAILED_PRECONDITION if another server has it. */
    static DataDirectory open(Path root) {
        FileChannel lockFile = null;
        try {
            Files.createDirectories(root.resolve("containers"));
            lockFile = FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (lock(lockFile) == null) {
                lockFile.close();
                throw new EngineException(
                        ErrorCode.FAILED_PRECONDITION,
                        "data directory: %s (expected: one that no other server uses)".formatted(root));
            }
            return new DataDirectory(root, lockFile);
        } catch (IOException e) {
            throw failure("open", root, e);
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

    void deleteContainer(String id) {
        delete(container(id));
    }

    void deleteExec(String id, String execId) {
        delete(execs(id).resolve(execId));
    }

    /** The highest feed sequence that deleted timelines held. */
    long feedFloor() {
        try {
            return Long.parseLong(Files.readString(root.resolve("feed-floor")).strip());
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException | NumberFormatException e) {
            throw new EngineException(ErrorCode.INTERNAL, "feed-floor in %s cannot be read".formatted(root), e);
        }
    }

    /** Remembers that feed sequences up to this one were given, before the timelines that show it are deleted. */
    synchronized void raiseFeedFloor(long sequence) {
        if (sequence <= feedFloor()) {
            return;
        }
        Path next = root.resolve("feed-floor.next");
        try {
            Files.writeString(next, sequence + "\n");
            Files.move(next, root.resolve("feed-floor"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failure("write feed-floor in", root, e);
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

    private static List<String> names(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw failure("list", directory, e);
        }
    }

    private static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw failure("delete", directory, e);
        }
    }

    private static EngineException failure(String action, Path path, IOException e) {
        return new EngineException(ErrorCode.INTERNAL, "cannot %s %s: %s".formatted(action, path, e), e);
    }
}
