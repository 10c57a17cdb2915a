package io.tailrace.cli;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.client.StandardStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of those who watch the demo's container, on a thread of its own. What it received can be read by any thread. */
abstract class DemoWatcher implements Runnable {
    private static final int LINES_MAX = 40;
    private static final int PRINTABLE_MIN = 32;

    private final String name;
    private final String protocol;
    private final DemoReceived stdout = new DemoReceived();
    private final DemoReceived stderr = new DemoReceived();

    @GuardedBy("this") private final Deque<String> lines = new ArrayDeque<>();

    @GuardedBy("this") private long binaryBytes;

    private volatile @Nullable Integer exitCode;
    private volatile String failure = "";
    private volatile boolean isComplete;
    private volatile String note = "";

    DemoWatcher(String name, String protocol) {
        this.name = name;
        this.protocol = protocol;
    }

    /** Receives until the container's exit. */
    abstract void watch() throws Exception;

    @Override
    public final void run() {
        try {
            watch();
            isComplete = true;
        } catch (Exception e) {
            failure = String.valueOf(e.getMessage());
        }
    }

    String name() {
        return name;
    }

    String protocol() {
        return protocol;
    }

    DemoReceived received(StandardStream stream) {
        return stream == StandardStream.STDOUT ? stdout : stderr;
    }

    /** Null until it was told. */
    @Nullable Integer exitCode() {
        return exitCode;
    }

    boolean isComplete() {
        return isComplete;
    }

    /** Empty if all is well. */
    String failure() {
        return failure;
    }

    /** When and how it came, for the table. */
    String note() {
        return note;
    }

    void note(String text) {
        note = text;
    }

    void exited(int code) {
        exitCode = code;
    }

    void output(StandardStream stream, byte[] bytes, int count) {
        received(stream).add(bytes, count);
        synchronized (this) {
            if (!isText(bytes, count)) {
                show(count);
                return;
            }
            binaryBytes = 0;
            var prefix = stream == StandardStream.STDERR ? "! " : "";
            for (var line : new String(bytes, 0, count, StandardCharsets.US_ASCII).split("\n")) {
                show(prefix + line);
            }
        }
    }

    /** Bytes that are not text are counted on one line, however many records they come in. */
    @GuardedBy("this") private void show(int count) {
        if (binaryBytes > 0) {
            lines.removeLast();
        }
        binaryBytes += count;
        show("(" + Words.bytes(binaryBytes) + " binary)");
    }

    @GuardedBy("this") private void show(String line) {
        lines.addLast(line);
        if (lines.size() > LINES_MAX) {
            lines.removeFirst();
        }
    }

    private static boolean isText(byte[] bytes, int count) {
        for (int i = 0; i < count; i++) {
            if (bytes[i] < PRINTABLE_MIN && bytes[i] != '\n') {
                return false;
            }
        }
        return true;
    }

    /** The last lines that came, the latest last. */
    synchronized List<String> lines(int count) {
        return lines.stream().skip(Math.max(0, lines.size() - count)).toList();
    }
}
