package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.RuntimeContainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A control group, under version 1 (a tree per controller) or 2 (one tree). Reading what the machine does not account
 * gives 0 or nothing.
 */
final class Cgroup {
    private static final long UNLIMITED_BYTES_MIN = 1L << 62;
    /** Of groups in groups that a privileged container may make. */
    private static final int DEPTH_MAX = 32;

    private static final String ROOT = "/sys/fs/cgroup";
    private static final Hierarchy HIERARCHY = Hierarchy.read();

    private final String path;

    /** The group at this path below the root of every tree. */
    Cgroup(String path) {
        this.path = path;
    }

    /** Whether the machine has only version 2. */
    static boolean isUnified() {
        return HIERARCHY.controllers().isEmpty();
    }

    /** Whether memory and swap together can be limited here. */
    static boolean isSwapAccounted() {
        return isUnified()
                || Optional.ofNullable(HIERARCHY.controllers().get("memory"))
                        .filter(root -> Files.exists(root.resolve("memory.memsw.limit_in_bytes")))
                        .isPresent();
    }

    /** How many of its processes the kernel has killed for memory so far. */
    long outOfMemoryKills() {
        return flatKeyed("memory", isUnified() ? "memory.events" : "memory.oom_control")
                .getOrDefault("oom_kill", 0L);
    }

    long cpuNanos() {
        return isUnified()
                ? flatKeyed("cpu", "cpu.stat").getOrDefault("usage_usec", 0L) * 1_000
                : number("cpuacct", "cpuacct.usage");
    }

    /** Memory in use without the page cache that the kernel can drop at once. */
    long memoryBytes() {
        long usage = number("memory", isUnified() ? "memory.current" : "memory.usage_in_bytes");
        long inactive = flatKeyed("memory", "memory.stat")
                .getOrDefault(isUnified() ? "inactive_file" : "total_inactive_file", 0L);
        return inactive < usage ? usage - inactive : usage;
    }

    /** The limit; 0 for none, which version 1 writes as a number near the largest. */
    long memoryLimitBytes() {
        long limit = number("memory", isUnified() ? "memory.max" : "memory.limit_in_bytes");
        return limit < UNLIMITED_BYTES_MIN ? limit : 0;
    }

    long pids() {
        return number("pids", "pids.current");
    }

    /** The processes in it and in groups below it; somewhat more than can be listed at most. */
    List<Long> processes() throws IOException {
        Path root = isUnified() ? Path.of(ROOT) : HIERARCHY.controllers().get("pids");
        List<Long> pids = new ArrayList<>();
        if (root == null) {
            return pids;
        }
        try (Stream<Path> groups = Files.walk(Path.of(root + path), DEPTH_MAX)) {
            for (Path group : (Iterable<Path>) groups.filter(Files::isDirectory)::iterator) {
                for (String pid : lines(group, "cgroup.procs")) {
                    pids.add(parsed(pid));
                }
                if (pids.size() > RuntimeContainer.PROCESSES_MAX) {
                    return pids;
                }
            }
        } catch (NoSuchFileException | UncheckedIOException gone) {
            return pids;
        }
        return pids;
    }

    /** Whether it may run on some of its parent's processors only. */
    boolean isBoundToProcessors() {
        String own = text(path, "cpuset", "cpuset.cpus");
        return !own.isEmpty() && !own.equals(processorsOfParent());
    }

    /** The processors that its parent may run on, as {@code 0-3}. */
    String processorsOfParent() {
        String parent = path.substring(0, path.lastIndexOf('/'));
        return text(parent, "cpuset", isUnified() ? "cpuset.cpus.effective" : "cpuset.cpus");
    }

    /** Bytes read from and written to block devices. */
    BlockBytes blockBytes() {
        long read = 0;
        long written = 0;
        for (String line : lines("blkio", isUnified() ? "io.stat" : "blkio.throttle.io_service_bytes_recursive")) {
            String[] words = line.split("\\s+");
            if (isUnified()) {
                for (String word : words) {
                    read += word.startsWith("rbytes=") ? parsed(word.substring("rbytes=".length())) : 0;
                    written += word.startsWith("wbytes=") ? parsed(word.substring("wbytes=".length())) : 0;
                }
            } else if (words.length == 3) {
                read += words[1].equals("Read") ? parsed(words[2]) : 0;
                written += words[1].equals("Write") ? parsed(words[2]) : 0;
            }
        }
        return new BlockBytes(read, written);
    }

    /** Block device traffic. */
    record BlockBytes(long read, long written) {}

    private long number(String controller, String file) {
        List<String> lines = lines(controller, file);
        return lines.isEmpty() ? 0 : parsed(lines.getFirst());
    }

    private Map<String, Long> flatKeyed(String controller, String file) {
        Map<String, Long> values = new HashMap<>();
        for (String line : lines(controller, file)) {
            String[] words = line.split("\\s+");
            if (words.length == 2) {
                values.put(words[0], parsed(words[1]));
            }
        }
        return values;
    }

    private static String text(String path, String controller, String file) {
        List<String> lines = lines(path, controller, file);
        return lines.isEmpty() ? "" : lines.getFirst().strip();
    }

    private List<String> lines(String controller, String file) {
        return lines(path, controller, file);
    }

    private static List<String> lines(String path, String controller, String file) {
        Path root = isUnified() ? Path.of(ROOT) : HIERARCHY.controllers().get(controller);
        if (root == null) {
            return List.of();
        }
        return lines(Path.of(root + path), file);
    }

    private static List<String> lines(Path group, String file) {
        try {
            return Files.readAllLines(group.resolve(file));
        } catch (IOException goneOrNotAccounted) {
            return List.of();
        }
    }

    private static long parsed(String number) {
        try {
            return Long.parseLong(number.strip());
        } catch (NumberFormatException notANumber) {
            return 0;
        }
    }

    /** Where it is, or would be, in each tree. */
    List<Path> directories() {
        return HIERARCHY.roots().stream().map(root -> Path.of(root + path)).toList();
    }

    /**
     * Where the trees are mounted.
     *
     * @param controllers one directory per version 1 controller, none of these under version 2
     * @param roots every tree, whatever its version, in the order of the mounts
     */
    private record Hierarchy(Map<String, Path> controllers, List<Path> roots) {
        static Hierarchy read() {
            Map<String, Path> controllers = new HashMap<>();
            Set<Path> roots = new LinkedHashSet<>();
            boolean isOnlyUnified = false;
            try {
                for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
                    String[] fields = line.split(" ");
                    if (fields.length > 3 && fields[2].startsWith("cgroup")) {
                        roots.add(Path.of(fields[1]));
                    }
                    if (fields.length > 3 && fields[2].equals("cgroup")) {
                        for (String option : fields[3].split(",")) {
                            controllers.putIfAbsent(option, Path.of(fields[1]));
                        }
                    } else if (fields.length > 3 && fields[2].equals("cgroup2")) {
                        isOnlyUnified = isOnlyUnified || fields[1].equals(ROOT);
                    }
                }
            } catch (IOException unreadable) {
                return new Hierarchy(Map.of(), List.of());
            }
            return new Hierarchy(isOnlyUnified ? Map.of() : Map.copyOf(controllers), List.copyOf(roots));
        }
    }
}
