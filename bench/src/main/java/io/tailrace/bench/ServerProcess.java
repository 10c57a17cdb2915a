package io.tailrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server's process uses, as the kernel and, for a JVM, its own tools say.
 *
 * @param pid its process id
 */
record ServerProcess(long pid) {
    private static final Pattern HEAP_USED = Pattern.compile("garbage-first heap.*?used (\\d+)K", Pattern.DOTALL);
    private static final int BYTES_PER_KIB = 1 << 10;

    /** Processor time since its start, in nanoseconds; the kernel counts in steps of 10 ms. */
    long processorNanos() {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .map(Duration::toNanos)
                .orElseThrow(() -> new BenchException("process " + pid + ": its processor time is not known"));
    }

    /** Resident memory, in bytes. */
    long residentBytes() throws IOException {
        return status("VmRSS:") * BYTES_PER_KIB;
    }

    /** Threads of the kernel. */
    long threads() throws IOException {
        return status("Threads:");
    }

    private long status(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith(field))
                .map(line -> line.substring(field.length()).replace("kB", "").strip())
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow(() -> new BenchException("/proc/" + pid + "/status: no " + field));
    }

    /** What is reachable on a JVM's heap, in bytes: collects garbage first. */
    long liveHeapBytes() throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Programs.run(List.of(jcmd, Long.toString(pid), "GC.run"));
        String heap = Programs.run(List.of(jcmd, Long.toString(pid), "GC.heap_info"));
        Matcher used = HEAP_USED.matcher(heap);
        if (!used.find()) {
            throw new BenchException("GC.heap_info: \"%s\" (expected: G1's)".formatted(heap));
        }
        return Long.parseLong(used.group(1)) * BYTES_PER_KIB;
    }
}
