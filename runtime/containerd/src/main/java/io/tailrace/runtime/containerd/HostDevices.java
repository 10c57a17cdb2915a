package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The host's devices that a container sees: all of them if it is privileged, else those it asks for. */
final class HostDevices {
    /** A device node, as runc makes it. */
    record Node(String path, String type, long major, long minor, int fileMode, int uid, int gid) {
        Node at(String otherPath) {
            return new Node(otherPath, type, major, minor, fileMode, uid, gid);
        }
    }

    /** A device node, and what may be done with it. */
    record Device(Node node, String access) {
        /** As the cgroup has it. */
        Map<String, Object> rule() {
            return Map.of(
                    "allow", true, "type", node.type(), "major", node.major(), "minor", node.minor(), "access", access);
        }
    }

    /** The container has file systems or a terminal of its own there. */
    private static final Set<String> OWN = Set.of("pts", "shm", "fd", "mqueue", "console", "hugepages", ".udev");

    private static final int DEPTH_MAX = 4;
    private static final int TYPE_MASK = 0170000;
    private static final int CHARACTER = 0020000;
    private static final int BLOCK = 0060000;
    private static final int PERMISSIONS_MASK = 07777;

    private HostDevices() {}

    static List<Device> of(ContainerSpec spec) {
        List<Device> devices = new ArrayList<>();
        if (spec.process().isPrivileged()) {
            nodes(Path.of("/dev")).forEach(node -> devices.add(new Device(node, "rwm")));
        }
        for (ContainerSpec.Device wanted : spec.devices()) {
            for (Node node : wanted(wanted)) {
                devices.removeIf(device -> device.node().path().equals(node.path()));
                devices.add(new Device(node, wanted.access()));
            }
        }
        return devices;
    }

    /** One device, or all below a directory. */
    private static List<Node> wanted(ContainerSpec.Device wanted) {
        List<Node> nodes;
        Path source;
        try {
            // What a link such as those in /dev/disk leads to.
            source = Path.of(wanted.source()).toRealPath();
            nodes = Files.isDirectory(source)
                    ? nodes(source)
                    : node(source).map(List::of).orElse(List.of());
        } catch (IOException | InvalidPathException absent) {
            throw notADevice(wanted);
        }
        if (nodes.isEmpty()) {
            throw notADevice(wanted);
        }
        return nodes.stream()
                .map(node -> node.at(wanted.target()
                        + node.path().substring(source.toString().length())))
                .toList();
    }

    private static ContainerRuntimeException notADevice(ContainerSpec.Device wanted) {
        return new ContainerRuntimeException(
                Code.INVALID_ARGUMENT,
                "device: %s (expected: a device of the host, or a directory with devices)".formatted(wanted.source()));
    }

    private static List<Node> nodes(Path directory) {
        List<Node> nodes = new ArrayList<>();
        collect(directory, 1, nodes);
        return nodes;
    }

    private static void collect(Path directory, int depth, List<Node> nodes) {
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
                    collect(entry, depth + 1, nodes);
                }
            } else {
                node(entry).ifPresent(nodes::add);
            }
        }
    }

    private static Optional<Node> node(Path path) {
        try {
            int mode = (int) attribute(path, "mode");
            int type = mode & TYPE_MASK;
            if (type != CHARACTER && type != BLOCK) {
                return Optional.empty();
            }
            long number = (long) attribute(path, "rdev");
            return Optional.of(new Node(
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
