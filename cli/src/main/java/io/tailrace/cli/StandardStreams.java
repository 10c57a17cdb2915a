package io.tailrace.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * This process's stdin, stdout and stderr, as bytes. Not buffered: what a container wrote is passed on at once.
 *
 * @param isInputTerminal whether stdin is a terminal
 * @param isOutputTerminal whether stdout is a terminal
 * @param isErrorTerminal whether stderr is a terminal
 */
record StandardStreams(
        InputStream in,
        OutputStream out,
        OutputStream err,
        boolean isInputTerminal,
        boolean isOutputTerminal,
        boolean isErrorTerminal) {

    static StandardStreams ofProcess() {
        return new StandardStreams(
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                isTerminal(0),
                isTerminal(1),
                isTerminal(2));
    }

    /** By the name of what is open: neither a native call nor a Console, which would cost start-up time. */
    private static boolean isTerminal(int descriptor) {
        try {
            var target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    /** Writes lines of text to stdout. */
    void print(String text) {
        write(out, text);
    }

    /** Writes a line to stdout. */
    void println(String line) {
        write(out, line + "\n");
    }

    /** Writes a line about this command's own doings to stderr. */
    void say(String line) {
        write(err, "tailrace: " + line + "\n");
    }

    PrintStream printStream(OutputStream target) {
        return new PrintStream(target, true, StandardCharsets.UTF_8);
    }

    private static void write(OutputStream target, String text) {
        try {
            target.write(text.getBytes(StandardCharsets.UTF_8));
            target.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a failure to write means that the reader has left, as {@code head} does. */
    static boolean isReaderGone(Throwable failure) {
        var cause = failure instanceof UncheckedIOException unchecked ? unchecked.getCause() : failure;
        return cause instanceof IOException
                && String.valueOf(cause.getMessage()).contains("Broken pipe");
    }
}
