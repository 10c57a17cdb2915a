package io.tailrace.acceptance;

import io.tailrace.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A process that a test runs: its output is drained by threads of their own from its start, so that it never waits for
 * the test. Closing it kills it.
 */
final class Command implements AutoCloseable {
    private static final long KILLED_SECONDS_MAX = 10;

    private final List<String> line;
    private final Process process;
    private final Drain stdout;
    private final Drain stderr;

    private Command(List<String> line, Process process) {
        this.line = line;
        this.process = process;
        stdout = Drain.of("stdout", process.getInputStream());
        stderr = Drain.of("stderr", process.getErrorStream());
    }

    /** Starts a process with nothing on its stdin. */
    static Command start(List<String> line) {
        return start(line, Map.of(), null);
    }

    /** Starts a process. @param stdin null: nothing, its end at once */
    static Command start(List<String> line, Map<String, String> environment, @Nullable Path stdin) {
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().putAll(environment);
        builder.redirectInput(stdin == null ? Path.of("/dev/null").toFile() : stdin.toFile());
        return start(builder);
    }

    /** Starts a process whose stdin the test writes. */
    static Command startInteractive(List<String> line) {
        return start(new ProcessBuilder(line));
    }

    private static Command start(ProcessBuilder builder) {
        try {
            return new Command(builder.command(), builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a process to its end. */
    static Result run(Duration limit, List<String> line) {
        return run(limit, line, Map.of());
    }

    /** Runs a process to its end, with more in its environment. */
    static Result run(Duration limit, List<String> line, Map<String, String> environment) {
        try (Command command = start(line, environment, null)) {
            return command.await(limit);
        }
    }

    /** Runs the tailrace command to its end, in this process and with nothing on its stdin. */
    static Result runHere(Duration limit, List<String> arguments) {
        String shown = "tailrace " + String.join(" ", arguments);
        ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        ByteArrayOutputStream stderr = new ByteArrayOutputStream();
        FutureTask<Integer> command = new FutureTask<>(
                () -> Main.run(InputStream.nullInputStream(), stdout, stderr, arguments.toArray(String[]::new)));
        Thread.ofPlatform().daemon().name("tailrace").start(command);
        try {
            int exitCode = command.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return new Result(shown, exitCode, stdout.toByteArray(), text(stderr.toByteArray()));
        } catch (TimeoutException e) {
            command.cancel(true);
            throw new AssertionError(
                    "%s did not end within %s; stdout: %s; stderr: %s"
                            .formatted(shown, limit, tail(stdout.toByteArray()), tail(stderr.toByteArray())),
                    e);
        } catch (ExecutionException e) {
            throw new AssertionError(shown, e.getCause());
        } catch (InterruptedException e) {
            command.cancel(true);
            Thread.currentThread().interrupt();
            throw new IllegalStateException(shown + ": interrupted", e);
        }
    }

    /** Its stdin, if started interactive. */
    OutputStream stdin() {
        return process.getOutputStream();
    }

    /** What it has written to stdout so far. */
    byte[] stdoutSoFar() {
        return stdout.soFar();
    }

    /** What it has written to stderr so far. */
    String stderrSoFar() {
        return text(stderr.soFar());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Its exit code and everything it wrote. Fails if it does not end in time, saying what it wrote until then. */
    Result await(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("%s did not end within %s; stdout: %s; stderr: %s"
                        .formatted(shown(), limit, tail(stdout.soFar()), tail(stderr.soFar())));
            }
            return new Result(shown(), process.exitValue(), stdout.all(), text(stderr.all()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(shown() + ": interrupted", e);
        }
    }

    /** Kills it, as {@code kill -9}. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor(KILLED_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String shown() {
        int options = line.indexOf(Launch.MAIN);
        return options < 0
                ? String.join(" ", line)
                : "tailrace " + String.join(" ", line.subList(options + 1, line.size()));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String tail(byte[] bytes) {
        int shownBytesMax = 2000;
        int from = Math.max(0, bytes.length - shownBytesMax);
        return (from > 0 ? "…" : "") + new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
    }

    /** How a process ended and what it wrote. */
    static final class Result {
        private final String command;
        private final int exitCode;
        private final byte[] stdout;
        private final String stderr;

        private Result(String command, int exitCode, byte[] stdout, String stderr) {
            this.command = command;
            this.exitCode = exitCode;
            this.stdout = stdout;
            this.stderr = stderr;
        }

        int exitCode() {
            return exitCode;
        }

        byte[] stdoutBytes() {
            return stdout.clone();
        }

        String stderr() {
            return stderr;
        }

        String stdout() {
            return text(stdout);
        }

        /** This, if it succeeded. */
        Result succeeded() {
            if (exitCode != 0) {
                throw new AssertionError(this + " (expected: exit code 0)");
            }
            return this;
        }

        @Override
        public String toString() {
            return "%s: exit code %d; stdout: %s; stderr: %s"
                    .formatted(command, exitCode, tail(stdout), tail(stderr.getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** Reads a stream to its end on a virtual thread. */
    private record Drain(Thread thread, ByteArrayOutputStream bytes) {
        private static final long END_MILLIS_MAX = 10_000;

        static Drain of(String name, InputStream in) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            Thread thread = Thread.ofPlatform().daemon().name("drain-" + name).start(() -> {
                try (in) {
                    in.transferTo(bytes);
                } catch (IOException e) {
                    // The process was killed; what was read is what there is.
                }
            });
            return new Drain(thread, bytes);
        }

        byte[] soFar() {
            return bytes.toByteArray();
        }

        byte[] all() throws InterruptedException {
            thread.join(END_MILLIS_MAX);
            return bytes.toByteArray();
        }
    }
}
