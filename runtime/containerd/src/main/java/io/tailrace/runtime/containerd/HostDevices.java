package io.tailrace.runtime.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The host's devices, as a privileged container sees them. */
final class HostDevices {
    /** One device node, as runc makes it. */
    record Device(String path, String type, long major, long minor, int fileMode, int uid, int gid) {}

    /** The container has file systems or a terminal of its own there. */
    private static final Set<String> OWN = Set.of("pts", "shm", "fd", "mqueue", "console", "hugepages", ".udev");

    private static final int DEPTH_MAX = 4;
    private static final int TYPE_MASK = 0170000;
    private static final int CHARACTER = 0020000;
    private static final int BLOCK = 0060000;
    private static final int PERMISSIONS_MASK = 07777;

    private HostDevices() {}

    static List<Device> list() {
        List<Device> devices = new ArrayList<>();
        collect(Path.of("/dev"), 1, devices);
        return devices;
    }

    private static void collect(Path directory, int depth, List<Device> devices) {
        List<Path> entries;
        try (Stream<Path> stream = Files.list(directory)) {
            entries = stream.sorted().toList();
        } catch (IOException unreadable) {
            return;
        }
        for (Path entry : entries) {
            if (OWN.contains(entry.getFileName().toString())) {
                continue;
            }
            if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                if (depth < DEPTH_MAX) {
                    collect(entry, depth + 1, devices);
                }
            } else {
                device(entry).ifPresent(devices::add);
            }
        }
    }

    private static Optional<Device> device(Path path) {
        try {
            int mode = (int) attribute(path, "mode");
            int type = mode & TYPE_MASK;
            if (type != CHARACTER && type != BLOCK) {
                return Optional.empty();
            }
            long number = (long) attribute(path, "rdev");
            return Optional.of(new Device(
                    path.toString(),
                    type == BLOCK ? "b" : "c",
                    major(number),
                    minor(number),
                    mode & PERMISSIONS_MASK,
                    (int) attribute(path, "uid"),
                    (int) attribute(path, "gid")));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private static Object attribute(Path path, String name) throws IOException {
        return Objects.requireNonNull(Files.getAttribute(path, "unix:" + name, LinkOption.NOFOLLOW_LINKS));
    }

    /** As glibc's gnu_dev_major. */
    private static long major(long number) {
        return ((number >>> 8) & 0xfff) | ((number >>> 32) & 0xffff_f000L);
    }

    /** As glibc's gnu_dev_minor. */
    private static long minor(long number) {
        return (number & 0xff) | ((number >>> 12) & 0xffff_ff00L);
    }
}
