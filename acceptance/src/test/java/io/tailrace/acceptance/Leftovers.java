package io.tailrace.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Finds what a server may have left on the machine: everything that bears the name of its directory or of one of its
 * containers. Other servers on the machine have other names, so they are never taken for ours.
 */
final class Leftovers {
    private static final Duration LEAVING_LIMIT = Duration.ofSeconds(30);
    private static final Path PROC = Path.of("/proc");
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final List<Path> NETWORK_NAMES =
            List.of(Path.of("/run/netns"), Path.of("/var/lib/cni/networks"), Path.of("/var/lib/cni/results"));
    /** cgroup v1: controller, parents, container; deeper ones are the containers' own. */
    private static final int CGROUP_DEPTH_MAX = 6;

    private final Path directory;

    /** @param directory the server's, whose path all its processes and mounts bear */
    Leftovers(Path directory) {
        this.directory = directory;
    }

    /** The processes that bear the directory's name in their command line or environment, this one excepted. */
    List<ProcessHandle> processes() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .filter(process -> bears(process, "cmdline") || bears(process, "environ"))
                .toList();
    }

    /**
     * Fails if something is left when everything was stopped. Waits for a while: a keeper that has nothing to hold any more
     * ends itself after some ten seconds.
     */
    void assertNone(Collection<String> containerIds) {
        try {
            Waiting.until(
                    "nothing to be left",
                    LEAVING_LIMIT,
                    () -> describe(containerIds).isEmpty());
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("left behind:\n" + String.join("\n", describe(containerIds)), e);
        }
    }

    /** Kills, unmounts and deletes it all, as far as that goes. With {@code -Dtailrace.keep=true} the files stay. */
    void remove() {
        processes().forEach(ProcessHandle::destroyForcibly);
        mounts().reversed().forEach(mount -> Command.run(LEAVING_LIMIT, List.of("umount", "-l", mount)));
        if (!Boolean.getBoolean("tailrace.keep")) {
            deleteDirectory();
        }
    }

    private void deleteDirectory() {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            // What still holds it open is what the test has failed for.
        }
    }

    /** Everything that is left, one line each. */
    List<String> describe(Collection<String> containerIds) {
        List<String> left = new ArrayList<>();
        processes().forEach(process -> left.add("process " + shown(process)));
        containerProcesses(containerIds).forEach(process -> left.add("container process " + shown(process)));
        mounts().forEach(mount -> left.add("mount " + mount));
        cgroups(containerIds).forEach(cgroup -> left.add("cgroup " + cgroup));
        networks(containerIds).forEach(path -> left.add("network " + path));
        fifos().forEach(fifo -> left.add("FIFO " + fifo));
        return left;
    }

    /** Everything that is left of one container, one line each; others may run on. */
    List<String> describeContainer(String id) {
        List<String> left = new ArrayList<>();
        containerProcesses(List.of(id)).forEach(process -> left.add("container process " + shown(process)));
        processes().stream()
                .map(Leftovers::shown)
                .filter(process -> process.contains(id))
                .forEach(process -> left.add("process " + process));
        mounts().stream().filter(mount -> mount.contains(id)).forEach(mount -> left.add("mount " + mount));
        cgroups(List.of(id)).forEach(cgroup -> left.add("cgroup " + cgroup));
        fifos().stream().filter(fifo -> fifo.toString().contains(id)).forEach(fifo -> left.add("FIFO " + fifo));
        return left;
    }

    private List<ProcessHandle> containerProcesses(Collection<String> ids) {
        return ProcessHandle.allProcesses()
                .filter(process -> {
                    String cgroup = read(PROC.resolve(process.pid() + "/cgroup"));
                    return ids.stream().anyMatch(cgroup::contains);
                })
                .toList();
    }

    /** The mount points below the directory, in the order in which they were mounted. */
    List<String> mounts() {
        // Field 5 of a line of mountinfo, see proc_pid_mountinfo(5).
        return read(PROC.resolve("self/mountinfo"))
                .lines()
                .map(line -> line.split(" ", 6)[4])
                .filter(mount -> mount.startsWith(directory.toString()))
                .toList();
    }

    /** Files that stand for the network namespaces and addresses of some containers. */
    static List<Path> networks(Collection<String> ids) {
        return NETWORK_NAMES.stream()
                .flatMap(names -> find(names, 2, path -> isOf(path, ids)).stream())
                .toList();
    }

    /** The cgroups of some containers. */
    static List<Path> cgroups(Collection<String> ids) {
        return find(CGROUPS, CGROUP_DEPTH_MAX, path -> Files.isDirectory(path) && isOf(path, ids));
    }

    /** The FIFOs below its data directory. */
    List<Path> fifos() {
        return find(directory.resolve("data"), 8, Leftovers::isFifo);
    }

    private static boolean isFifo(Path path) {
        try {
            // S_IFIFO of inode(7).
            return ((int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 0170000) == 0010000;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isOf(Path path, Collection<String> ids) {
        String name = path.getFileName().toString();
        return ids.stream().anyMatch(name::contains);
    }

    private boolean bears(ProcessHandle process, String file) {
        return read(PROC.resolve(process.pid() + "/" + file)).contains(directory.toString());
    }

    private static String shown(ProcessHandle process) {
        return process.pid() + " "
                + read(PROC.resolve(process.pid() + "/cmdline")).replace('\0', ' ');
    }

    /** Nothing for what vanishes while it is being looked at. */
    private static List<Path> find(Path root, int depth, Predicate<Path> matches) {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> children = Files.list(root)) {
            for (Path child : children.toList()) {
                if (matches.test(child)) {
                    found.add(child);
                }
                if (depth > 1 && Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
                    found.addAll(find(child, depth - 1, matches));
                }
            }
        } catch (IOException | UncheckedIOException e) {
            return found;
        }
        return found;
    }

    private static String read(Path path) {
        try {
            return new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
