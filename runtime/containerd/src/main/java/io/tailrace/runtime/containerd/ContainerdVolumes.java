package io.tailrace.runtime.containerd;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.DirectorySizes;
import io.tailrace.runtime.spi.NewVolume;
import io.tailrace.runtime.spi.Volume;
import io.tailrace.runtime.spi.Volumes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Volumes, which containerd does not have: directories that this runtime keeps, for the server's user alone.
 *
 * <pre>
 * volumes/NAME/volume.json   its labels, when and what it was made for
 * volumes/NAME/data/         what containers see
 * volumes/.new-UUID          being made: it gets its name when it is whole
 * volumes/.removed-UUID      being removed: it has lost its name first
 * </pre>
 *
 * So a name is there or not, whenever a server is killed. Thread-safe.
 */
final class ContainerdVolumes implements Volumes {
    private static final Logger log = LoggerFactory.getLogger(ContainerdVolumes.class);
    private static final Pattern NAMES = Pattern.compile(NAME);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String METADATA = "volume.json";
    private static final String DATA = "data";
    private static final String NEW = ".new-";
    private static final FileAttribute<Set<PosixFilePermission>> OWNERS_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    /** As Docker's: whoever gets at it may look at it. */
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rwxr-xr-x");

    /** Enough that two volumes seldom wait for each other. */
    private static final int LOCKS = 64;

    private final Path root;
    private final Object[] fillLocks = new Object[LOCKS];

    ContainerdVolumes(Path dataDirectory) {
        root = dataDirectory.resolve("volumes");
        for (int index = 0; index < LOCKS; index++) {
            fillLocks[index] = new Object();
        }
    }

    /** What stands in a volume's file. */
    private record Metadata(Map<String, String> labels, long createdAtSeconds, int createdAtNanos, String madeFor) {}

    /** Removes what a server that was killed left half made or half removed. For when no container is made yet. */
    void clearUp() {
        try {
            for (Path entry : entries()) {
                if (entry.getFileName().toString().startsWith(".")) {
                    TreeRemoval.remove(entry, root);
                } else {
                    new VolumeFilling(entry, entry.resolve(DATA), root).finish();
                }
            }
        } catch (IOException | ContainerRuntimeException e) {
            // The volumes that have a name are whole all the same; the next start tries again.
            log.warn("what was left in {} was not cleared up", root, e);
        }
    }

    @Override
    public Volume create(NewVolume volume) {
        Path named = directory(volume.name());
        Path half = root.resolve(NEW + UUID.randomUUID());
        try {
            Files.createDirectories(root, OWNERS_ONLY);
            Files.createDirectory(half, OWNERS_ONLY);
            Files.setPosixFilePermissions(Files.createDirectory(half.resolve(DATA)), READABLE);
            Instant now = Instant.now();
            write(
                    half.resolve(METADATA),
                    new Metadata(volume.labels(), now.getEpochSecond(), now.getNano(), volume.madeFor()));
            name(half, named, volume.name());
        } catch (IOException failure) {
            removeQuietly(half, failure);
            throw Failures.of("create volume " + volume.name(), failure);
        } catch (ContainerRuntimeException failure) {
            removeQuietly(half, failure);
            throw failure;
        }
        return get(volume.name());
    }

    private static void write(Path file, Metadata metadata) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(metadata));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /** The kernel renames a directory onto none that has something in it, as each volume's has. */
    private static void name(Path half, Path named, String name) throws IOException {
        try {
            Files.move(half, named, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException failure) {
            if (!Files.exists(named, LinkOption.NOFOLLOW_LINKS)) {
                throw failure;
            }
            throw new ContainerRuntimeException(
                    Code.ALREADY_EXISTS, "volume: %s (expected: a name that is not taken)".formatted(name), failure);
        }
    }

    private void removeQuietly(Path half, Exception cause) {
        try {
            TreeRemoval.remove(half, root);
        } catch (IOException | ContainerRuntimeException left) {
            cause.addSuppressed(left);
        }
    }

    @Override
    public Volume get(String name) {
        Path directory = directory(name);
        Metadata metadata;
        try {
            metadata = JSON.readValue(Files.readAllBytes(directory.resolve(METADATA)), Metadata.class);
        } catch (NoSuchFileException gone) {
            throw absent(name);
        } catch (IOException failure) {
            throw Failures.of("read volume " + name, failure);
        }
        return new Volume(
                name,
                metadata.labels(),
                Instant.ofEpochSecond(metadata.createdAtSeconds(), metadata.createdAtNanos()),
                directory.resolve(DATA).toString(),
                metadata.madeFor());
    }

    @Override
    public List<Volume> list() {
        List<Volume> volumes = new ArrayList<>();
        try {
            for (Path entry : entries()) {
                String name = entry.getFileName().toString();
                if (NAMES.matcher(name).matches()) {
                    add(name, volumes);
                }
            }
        } catch (IOException failure) {
            throw Failures.of("list volumes", failure);
        }
        return volumes;
    }

    /** One that cannot be read is told to the operator and not to everybody who lists. */
    private void add(String name, List<Volume> volumes) {
        try {
            volumes.add(get(name));
        } catch (ContainerRuntimeException e) {
            if (e.code() != Code.NOT_FOUND) {
                log.warn("volume {} is left out", name, e);
            }
        }
    }

    private List<Path> entries() throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(root)) {
            return entries.toList();
        }
    }

    @Override
    public void remove(String name) {
        Path removed = TreeRemoval.newName(root);
        try {
            Files.move(directory(name), removed, StandardCopyOption.ATOMIC_MOVE);
            TreeRemoval.remove(removed, root);
        } catch (NoSuchFileException gone) {
            throw absent(name);
        } catch (IOException failure) {
            throw Failures.of("remove volume " + name, failure);
        }
    }

    @Override
    public Map<String, Long> sizes(Collection<String> names) {
        Map<String, Long> sizes = new HashMap<>();
        DirectorySizes.of(names.stream().map(this::directory).toList())
                .forEach((directory, bytes) -> sizes.put(directory.getFileName().toString(), bytes));
        return sizes;
    }

    /**
     * Fills a volume that is empty with what an image has at a path; one that is not, or a path at which it has no
     * directory, changes nothing.
     */
    void fill(String name, FileTree image, String path) {
        Path directory = directory(name);
        synchronized (fillLocks[Math.floorMod(name.hashCode(), LOCKS)]) {
            try {
                new VolumeFilling(directory, directory.resolve(DATA), root).fill(image, path);
            } catch (NoSuchFileException gone) {
                throw absent(name);
            } catch (IOException failure) {
                throw Failures.of("fill volume " + name, failure);
            }
        }
    }

    private Path directory(String name) {
        if (!NAMES.matcher(name).matches()) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "volume: %s (expected: %s)".formatted(name, NAME));
        }
        return root.resolve(name);
    }

    private static ContainerRuntimeException absent(String name) {
        return new ContainerRuntimeException(Code.NOT_FOUND, "volume: %s (expected: one that exists)".formatted(name));
    }
}
