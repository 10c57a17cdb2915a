package io.tailrace.runtime.conformance;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** {@link Commands} for an image with a busybox. */
final class BusyboxCommands implements Commands {
    private static final String LINE = "0123456789abcdef";

    @Override
    public List<String> writes(String out, String err, int exitCode) {
        return sh("printf %s \"$0\"; printf %s \"$1\" >&2; exit " + exitCode, out, err);
    }

    @Override
    public List<String> writesBytes(int count) {
        return sh("yes " + LINE + " | head -c " + count);
    }

    @Override
    public byte[] bytes(int count) {
        byte[] line = (LINE + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = line[i % line.length];
        }
        return bytes;
    }

    @Override
    public List<String> writesEveryByte() {
        return sh(
                IntStream.range(0, 256).mapToObj("\\%03o"::formatted).collect(Collectors.joining("", "printf '", "'")));
    }

    @Override
    public List<String> exits(int exitCode) {
        return sh("exit " + exitCode);
    }

    @Override
    public List<String> copiesStdin() {
        return List.of("cat");
    }

    @Override
    public List<String> waits() {
        return List.of("sleep", "3600");
    }

    @Override
    public List<String> gorges() {
        return List.of("tail", "/dev/zero");
    }

    @Override
    public List<String> tellsTerminalSize() {
        return sh("while read -r line; do stty size; done");
    }

    @Override
    public List<String> tellsEnvironment() {
        return List.of("env");
    }

    /** ping says the address before it waits for an answer. */
    @Override
    public List<String> resolves(String name) {
        return sh("ping -c 1 -w 1 \"$0\" 2>/dev/null | sed -n 's/^PING [^(]*(\\([0-9.]*\\)).*/\\1/p' | grep .", name);
    }

    @Override
    public List<String> notExecutable() {
        return List.of("/");
    }

    @Override
    public List<String> changesFiles(int bytes) {
        return sh("mkdir /added && head -c %d /dev/zero > %s && rm %s".formatted(bytes, addedFile(), deletedFile()));
    }

    @Override
    public String addedFile() {
        return "/added/file";
    }

    @Override
    public String deletedFile() {
        return "/bin/yes";
    }

    private static List<String> sh(String script, String... arguments) {
        return IntStream.range(0, arguments.length + 3)
                .mapToObj(i -> i == 0 ? "sh" : i == 1 ? "-c" : i == 2 ? script : arguments[i - 3])
                .toList();
    }
}
