package io.tailrace.runtime.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Keeps user-defined networks apart, by {@code iptables}. The host would forward packets from one bridge to the next: into
 * such a network it is to let only answers and what goes to a published port; through an internal one nothing. The rules
 * stand in the table {@code mangle}, so that they hold whatever others accept in {@code filter}, which comes later.
 * Thread-safe.
 */
final class PacketFilter {
    private static final List<Path> PROGRAMS = List.of(Path.of("/usr/sbin"), Path.of("/sbin"), Path.of("/usr/bin"));
    private static final long PROGRAM_MILLIS = 30_000;
    /** How long {@code iptables} waits for others who change rules. */
    private static final String LOCK_SECONDS = "20";
    /** A rule is there once, unless others have put it there as well. */
    private static final int COPIES_MAX = 8;

    private static final List<String> NEW = List.of("-m", "conntrack", "!", "--ctstate", "RELATED,ESTABLISHED,DNAT");

    static boolean isAvailable() {
        return program().isPresent();
    }

    private static Optional<Path> program() {
        return PROGRAMS.stream()
                .map(directory -> directory.resolve("iptables"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Sees to it that the rules of a user-defined network's bridge are there. */
    synchronized void isolate(Bridge bridge) throws IOException {
        for (List<String> rule : rules(bridge)) {
            if (!run("-C", rule).isDone()) {
                Run added = run("-I", rule);
                if (!added.isDone()) {
                    throw new IOException("iptables: " + added.output());
                }
            }
        }
    }

    /** Removes them. What is not there is no error. */
    synchronized void forget(Bridge bridge) throws IOException {
        for (List<String> rule : rules(bridge)) {
            int copies = 0;
            while (copies < COPIES_MAX && run("-D", rule).isDone()) {
                copies++;
            }
        }
    }

    private static List<List<String>> rules(Bridge bridge) {
        String device = bridge.device();
        if (bridge.isDefault()) {
            return List.of();
        }
        if (bridge.isInternal()) {
            return List.of(
                    rule(List.of("!", "-i", device, "-o", device)), rule(List.of("-i", device, "!", "-o", device)));
        }
        return List.of(
                rule(List.of("!", "-i", device, "-o", device), NEW),
                rule(List.of("-i", device, "-o", Bridge.DEFAULT.device()), NEW));
    }

    @SafeVarargs
    private static List<String> rule(List<String>... matches) {
        List<String> rule = new ArrayList<>();
        for (List<String> match : matches) {
            rule.addAll(match);
        }
        rule.addAll(List.of("-j", "DROP"));
        return rule;
    }

    /** How a run of the program has ended. */
    private record Run(boolean isDone, String output) {}

    private static Run run(String action, List<String> rule) throws IOException {
        Path program = program().orElseThrow(() -> new IOException("iptables: not found in " + PROGRAMS));
        List<String> command =
                new ArrayList<>(List.of(program.toString(), "-w", LOCK_SECONDS, "-t", "mangle", action, "FORWARD"));
        command.addAll(rule);
        Path output = Files.createTempFile("tailrace-iptables", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean isDone = process.waitFor(PROGRAM_MILLIS, TimeUnit.MILLISECONDS);
            if (!isDone) {
                process.destroyForcibly();
                throw new IOException("iptables: not done in time");
            }
            return new Run(process.exitValue() == 0, Files.readString(output).strip());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        } finally {
            Files.deleteIfExists(output);
        }
    }
}
