package io.tailrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A process that serves the comparisons for as long as they run; ends with {@link #close}. */
final class Daemon implements AutoCloseable {
    private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);
    private static final long READY_POLL_MILLIS = 5;
    private static final int LOG_LINES_SHOWN = 20;

    private final String name;
    private final Path log;
    private final Process process;

    private Daemon(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
    }

    /** Starts a process whose stdout and stderr go to a file, and waits until it is ready. */
    static Daemon start(String name, Path log, Map<String, String> environment, List<String> command, Readiness isReady)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .redirectInput(Path.of("/dev/null").toFile());
        builder.environment().putAll(environment);
        Daemon daemon = new Daemon(name, log, builder.start());
        try {
            daemon.awaitReady(isReady);
            return daemon;
        } catch (IOException | InterruptedException | RuntimeException e) {
            daemon.close();
            throw e;
        }
    }

    private void awaitReady(Readiness isReady) throws IOException, InterruptedException {
        long deadlineNanos = System.nanoTime() + READY_TIMEOUT.toNanos();
        while (!isReady.check()) {
            if (!process.isAlive()) {
                throw new BenchException(
                        name + ": exit code " + process.exitValue() + " before it was ready\n" + logTail());
            }
            if (System.nanoTime() - deadlineNanos > 0) {
                throw new BenchException(name + ": not ready after " + READY_TIMEOUT + "\n" + logTail());
            }
            Thread.sleep(READY_POLL_MILLIS);
        }
    }

    private String logTail() throws IOException {
        List<String> lines = Files.readAllLines(log);
        return lines.stream()
                .skip(Math.max(0, lines.size() - LOG_LINES_SHOWN))
                .map(line -> "  " + line)
                .collect(Collectors.joining("\n"));
    }

    /** Its process id. */
    long pid() {
        return process.pid();
    }

    /** Asks it to end, and ends it if it does not. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Whether a daemon can be used yet. */
    @FunctionalInterface
    interface Readiness {
        /** Looks; called again until it says yes. */
        boolean check() throws IOException, InterruptedException;
    }
}
