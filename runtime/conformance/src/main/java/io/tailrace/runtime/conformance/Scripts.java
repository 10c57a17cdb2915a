package io.tailrace.runtime.conformance;

import io.tailrace.runtime.spi.FileChange;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The commands that every scripted image has.
 *
 * <ul>
 *   <li>{@code true}, {@code false}, {@code exit N}: end
 *   <li>{@code echo [-n] WORD...}, {@code printenv}: write to stdout
 *   <li>{@code print N}: N bytes of {@link #pattern} to stdout
 *   <li>{@code every-byte}: all 256 byte values to stdout
 *   <li>{@code both OUT ERR N}: writes to both streams, then exits with N
 *   <li>{@code cat}: stdin to stdout
 *   <li>{@code sleep SECONDS}, {@code hold}: wait, the latter for ever
 *   <li>{@code stubborn}: says {@code ready}, ignores SIGTERM and says so, ends by SIGKILL alone
 *   <li>{@code kill-self N}: ends as by signal N
 *   <li>{@code gorge}: runs out of memory, if there is a limit
 *   <li>{@code size}: writes {@code rows columns} of its terminal for each line of stdin; {@code resizes}: how often that changed
 *   <li>{@code resolve NAME}: the address under which another container of its networks is found; 1 if none is
 *   <li>{@code change N}: says that it has added {@link #ADDED} of so many bytes, and deleted {@link #DELETED}
 *   <li>{@code sh -c SCRIPT}: the few words of {@link MiniShell}
 * </ul>
 */
public final class Scripts {
    /** What {@code change} adds. */
    public static final String ADDED = "/added/file";

    /** What {@code change} deletes. */
    public static final String DELETED = "/bin/true";

    private static final int CHUNK_BYTES = 8 << 10;

    private Scripts() {}

    static Map<String, Script> builtIn() {
        return Map.ofEntries(
                Map.entry("true", process -> 0),
                Map.entry("false", process -> 1),
                Map.entry("exit", process -> number(process, 1)),
                Map.entry("echo", Scripts::echo),
                Map.entry("printenv", process -> {
                    process.out(String.join("\n", process.spec().environment()) + "\n");
                    return 0;
                }),
                Map.entry("print", Scripts::print),
                Map.entry("every-byte", process -> {
                    byte[] bytes = new byte[256];
                    for (int i = 0; i < bytes.length; i++) {
                        bytes[i] = (byte) i;
                    }
                    process.out(bytes);
                    return 0;
                }),
                Map.entry("both", process -> {
                    process.out(process.arguments().get(1));
                    process.err(process.arguments().get(2));
                    return number(process, 3);
                }),
                Map.entry("cat", Scripts::cat),
                Map.entry("sleep", process -> {
                    process.sleep(Duration.ofMillis(
                            (long) (Double.parseDouble(process.arguments().get(1)) * 1000)));
                    return 0;
                }),
                Map.entry("hold", Scripts::hold),
                Map.entry("stubborn", Scripts::stubborn),
                Map.entry("kill-self", process -> {
                    process.kill(number(process, 1));
                    return 0;
                }),
                Map.entry("gorge", process -> {
                    if (process.container().limits().memoryBytes() > 0) {
                        process.runOutOfMemory();
                    }
                    return 0;
                }),
                Map.entry("change", Scripts::change),
                Map.entry("size", Scripts::size),
                Map.entry("resizes", Scripts::resizes),
                Map.entry("resolve", Scripts::resolve),
                Map.entry(
                        "sh",
                        process -> new MiniShell(process)
                                .run(
                                        process.arguments().size() > 2
                                                ? process.arguments().get(2)
                                                : "")));
    }

    /** A byte sequence in which every value occurs and any shift shows: what {@code print} writes. */
    public static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >>> 8) * 7 + (i >>> 16));
        }
        return bytes;
    }

    private static int number(ScriptedProcess process, int index) {
        return Integer.parseInt(process.arguments().get(index));
    }

    private static int echo(ScriptedProcess process) throws IOException, InterruptedException {
        List<String> words = process.arguments().subList(1, process.arguments().size());
        boolean isLine = words.isEmpty() || !words.getFirst().equals("-n");
        process.out(String.join(" ", isLine ? words : words.subList(1, words.size())) + (isLine ? "\n" : ""));
        return 0;
    }

    private static int print(ScriptedProcess process) throws IOException, InterruptedException {
        process.out(pattern(number(process, 1)));
        return 0;
    }

    static int cat(ScriptedProcess process) throws IOException, InterruptedException {
        byte[] chunk = new byte[CHUNK_BYTES];
        while (true) {
            int count = process.read(chunk);
            if (count < 0) {
                return 0;
            }
            process.out(Arrays.copyOf(chunk, count));
        }
    }

    private static int hold(ScriptedProcess process) throws InterruptedException {
        process.hold();
        return 0;
    }

    private static int stubborn(ScriptedProcess process) throws IOException, InterruptedException {
        process.ignore(15);
        process.out("ready\n");
        process.awaitSignal(15);
        process.out("ignored\n");
        process.hold();
        return 0;
    }

    private static int resizes(ScriptedProcess process) throws IOException, InterruptedException {
        byte[] line = new byte[CHUNK_BYTES];
        while (process.read(line) >= 0) {
            process.out("resized " + process.resizes() + " times\r\n");
        }
        return 0;
    }

    private static int resolve(ScriptedProcess process) throws IOException, InterruptedException {
        var address = process.resolve(process.arguments().get(1));
        if (address.isEmpty()) {
            return 1;
        }
        process.out(address.get() + "\n");
        return 0;
    }

    private static int change(ScriptedProcess process) {
        process.changes(new FileChange(FileChange.Kind.ADDED, "/added"), 0);
        process.changes(new FileChange(FileChange.Kind.ADDED, ADDED), number(process, 1));
        process.changes(new FileChange(FileChange.Kind.MODIFIED, "/bin"), 0);
        process.changes(new FileChange(FileChange.Kind.DELETED, DELETED), 0);
        return 0;
    }

    private static int size(ScriptedProcess process) throws IOException, InterruptedException {
        byte[] line = new byte[CHUNK_BYTES];
        while (process.read(line) >= 0) {
            var size = process.terminalSize();
            process.out(size == null ? "none\n" : size.rows() + " " + size.columns() + "\r\n");
        }
        return 0;
    }
}
