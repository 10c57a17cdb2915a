package io.tailrace.acceptance;

import io.tailrace.runtime.containerd.PrivateContainerd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Counts what a running server holds, in its process, in its keeper's, in containerd and on the machine: whatever should be
 * the same before and after containers that came and went.
 */
final class Census {
    private static final Duration SETTLING_LIMIT = Duration.ofSeconds(60);
    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(30);
    /** Threads come and go by themselves: those that compile, collect, or stand in for one that is blocked. */
    private static final int THREADS_MORE_MAX = 8;

    private static final String THREADS = "threads";
    private static final List<String> CONTAINERD_LISTS =
            List.of("containers", "tasks", "snapshots", "leases", "content");

    private final TailraceServerProcess server;

    Census(TailraceServerProcess server) {
        this.server = server;
    }

    /** Counts. @param ids of the containers there were, by which what is theirs is found */
    Map<String, Integer> take(Collection<String> ids) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        counts.put(THREADS, server.usage().threads());
        counts.put("descriptors", server.usage().descriptors());
        counts.put("descriptors of the keeper", new ProcessUsage(keeper()).descriptors());
        counts.put("streams", (int) server.metric("tailrace_streams"));
        counts.put("processes", server.leftovers().processes().size());
        counts.put("mounts", server.leftovers().mounts().size());
        counts.put("cgroups", Leftovers.cgroups(ids).size());
        counts.put("network names", Leftovers.networks(ids).size());
        counts.put("FIFOs", server.leftovers().fifos().size());
        counts.put("files of timelines", files(server.dataDirectory().resolve("containers")));
        CONTAINERD_LISTS.forEach(list -> counts.put("containerd " + list, containerd(list)));
        return counts;
    }

    /** Waits until nothing is more than it was. @return the counts then */
    Map<String, Integer> requireSettled(Map<String, Integer> before, Collection<String> ids) {
        try {
            Waiting.until(
                    "things to be let go",
                    SETTLING_LIMIT,
                    () -> more(before, take(ids)).isEmpty());
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    "left by containers that are gone: " + more(before, take(ids)) + "; before: " + before, e);
        }
        return take(ids);
    }

    private static Map<String, Integer> more(Map<String, Integer> before, Map<String, Integer> now) {
        Map<String, Integer> more = new LinkedHashMap<>();
        now.forEach((name, count) -> {
            int growth = count - before.getOrDefault(name, 0);
            if (growth > (name.equals(THREADS) ? THREADS_MORE_MAX : 0)) {
                more.put(name, growth);
            }
        });
        return more;
    }

    /** The process id of the keeper. */
    long keeper() {
        return server.leftovers().processes().stream()
                .filter(process -> process.info().commandLine().orElse("").contains("containerd.Keeper"))
                .mapToLong(ProcessHandle::pid)
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no keeper"));
    }

    private int containerd(String list) {
        Path socket = PrivateContainerd.of(server.dataDirectory()).socket();
        List<String> line = List.of("ctr", "-a", socket.toString(), "-n", "tailrace", list, "ls", "-q");
        return (int) Command.run(COMMAND_LIMIT, list.equals("snapshots") ? line.subList(0, line.size() - 1) : line)
                .succeeded()
                .stdout()
                .lines()
                .count();
    }

    private static int files(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            return (int) all.count();
        } catch (IOException | java.io.UncheckedIOException e) {
            // One was deleted meanwhile: it is counted again.
            return Integer.MAX_VALUE;
        }
    }
}
