package io.tailrace.runtime.spi;

import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What directories of this machine take on disk, for runtimes that keep theirs here. {@code du} counts: it sees blocks
 * where the JDK sees lengths, counts a file once however many links it has, and gets to the bottom of trees whose paths are
 * longer than the kernel takes.
 */
public final class DirectorySizes {
    private static final long COUNT_SECONDS_MAX = 120;
    /** So few that their lines fit into a pipe that nobody reads yet. */
    private static final int DIRECTORIES_PER_RUN = 100;

    private static final long UNIT_BYTES = 1_024;

    private DirectorySizes() {}

    /**
     * Counts; what vanishes meanwhile is not counted.
     *
     * @return bytes by directory; without those that are not there
     * @throws ContainerRuntimeException DEADLINE_EXCEEDED, or UNSUPPORTED where there is no {@code du}
     */
    public static Map<Path, Long> of(Collection<Path> directories) {
        List<Path> all = List.copyOf(directories);
        Map<Path, Long> sizes = new HashMap<>();
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(COUNT_SECONDS_MAX);
        for (int from = 0; from < all.size(); from += DIRECTORIES_PER_RUN) {
            count(all.subList(from, Math.min(all.size(), from + DIRECTORIES_PER_RUN)), deadlineNanos, sizes);
        }
        return sizes;
    }

    private static void count(List<Path> directories, long deadlineNanos, Map<Path, Long> sizes) {
        List<String> command = new ArrayList<>(List.of("du", "-s", "-k", "-x", "--"));
        directories.forEach(directory -> command.add(directory.toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("LC_ALL", "C");
        Process du = start(builder);
        try {
            if (!du.waitFor(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new ContainerRuntimeException(
                        Code.DEADLINE_EXCEEDED,
                        "the files of %s were not counted within %d s".formatted(directories, COUNT_SECONDS_MAX));
            }
            new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .forEach(line -> put(line, sizes));
        } catch (IOException e) {
            throw new ContainerRuntimeException(Code.INTERNAL, "count the files of " + directories, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ContainerRuntimeException(Code.UNAVAILABLE, "counting files was interrupted", e);
        } finally {
            du.destroyForcibly();
        }
    }

    private static Process start(ProcessBuilder builder) {
        try {
            return builder.start();
        } catch (IOException e) {
            throw new ContainerRuntimeException(
                    Code.UNSUPPORTED, "sizes on disk need the command du: " + e.getMessage(), e);
        }
    }

    private static void put(String line, Map<Path, Long> sizes) {
        int tab = line.indexOf('\t');
        if (tab > 0) {
            sizes.put(Path.of(line.substring(tab + 1)), Long.parseLong(line.substring(0, tab)) * UNIT_BYTES);
        }
    }
}
