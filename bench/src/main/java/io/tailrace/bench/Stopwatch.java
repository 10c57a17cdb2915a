package io.tailrace.bench;

import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Measures what processes and streams deliver. */
final class Stopwatch {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final Duration RUN_TIMEOUT = Duration.ofMinutes(10);
    private static final Duration EXIT_TIMEOUT = Duration.ofSeconds(30);

    private Stopwatch() {}

    /** Reads a stream to its end. @return how many bytes it had */
    static long drain(InputStream stream) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long total = 0;
        for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
            total += read;
        }
        return total;
    }

    /** Waits for a stream's first byte. */
    static void awaitFirstByte(InputStream stream) throws IOException {
        if (stream.read() < 0) {
            throw new EOFException("ended without a byte (expected: at least one)");
        }
    }

    /** From the start of a process to the first byte of its output. @return elapsed nanoseconds */
    static long toFirstByte(List<String> command) throws IOException, InterruptedException {
        long started = System.nanoTime();
        Process process = start(command);
        awaitFirstByte(process.getInputStream());
        long elapsed = System.nanoTime() - started;
        drain(process.getInputStream());
        awaitSuccess(command, process);
        return elapsed;
    }

    /** From the start of a process to its end, all output read. @return elapsed nanoseconds */
    static long toExit(List<String> command, ByteCount expected) throws IOException, InterruptedException {
        long started = System.nanoTime();
        Process process = start(command);
        long bytes = drain(process.getInputStream());
        awaitSuccess(command, process);
        long elapsed = System.nanoTime() - started;
        expected.check(bytes);
        return elapsed;
    }

    /** Starts a process whose stdout is read from a pipe; it is ended if it takes too long. */
    static Process start(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectInput(new File("/dev/null"))
                .start();
        // Reading from its pipe cannot be interrupted, but ends with it.
        CompletableFuture<Process> _ = process.onExit()
                .orTimeout(RUN_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .exceptionally(late -> {
                    process.destroyForcibly();
                    return process;
                });
        return process;
    }

    /** Waits for the end of a process whose output has ended. */
    static void awaitSuccess(List<String> command, Process process) throws InterruptedException {
        if (!process.waitFor(EXIT_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new BenchException(command + ": still running after its output ended");
        }
        if (process.exitValue() != 0) {
            throw new BenchException(command + ": exit code " + process.exitValue() + " (expected: 0)");
        }
    }

    /** Fails if a transfer did not bring what it should. */
    @FunctionalInterface
    interface ByteCount {
        /** Looks at how many bytes there were. */
        void check(long bytes);
    }
}
