package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a process takes of the machine, by the kernel's account, and a JVM of its heap. */
record ProcessUsage(long pid) {
    private static final Duration HEAP_LIMIT = Duration.ofSeconds(30);

    /** Anonymous resident memory: what it holds itself, without the files it reads. */
    long residentBytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            String line = lines.filter(candidate -> candidate.startsWith("RssAnon:"))
                    .findFirst()
                    .orElseThrow();
            return Long.parseLong(line.replaceAll("\\D", "")) << 10;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes of live objects on the heap of a JVM. */
    long liveHeapBytes() {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        String id = Long.toString(pid);
        Command.run(HEAP_LIMIT, List.of(jcmd, id, "GC.run")).succeeded();
        String info = Command.run(HEAP_LIMIT, List.of(jcmd, id, "GC.heap_info"))
                .succeeded()
                .stdout();
        // All parts of the heap, of which some collectors have several; then comes what is not heap.
        Matcher used = Pattern.compile("used (\\d+)K").matcher(info.split("Metaspace", 2)[0]);
        long kibibytes =
                used.results().mapToLong(part -> Long.parseLong(part.group(1))).sum();
        assertThat(kibibytes).as(info).isPositive();
        return kibibytes << 10;
    }

    /** Open file descriptors. */
    int descriptors() {
        return entries("fd");
    }

    /** Threads of the operating system. */
    int threads() {
        return entries("task");
    }

    private int entries(String directory) {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + pid, directory))) {
            return (int) all.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
