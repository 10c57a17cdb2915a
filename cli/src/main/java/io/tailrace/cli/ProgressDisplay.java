package io.tailrace.cli;

import io.tailrace.client.ImageProgress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** How far a pull or an import has come, on stderr: a line per part, redrawn on a terminal. Thread-safe. */
final class ProgressDisplay implements Consumer<ImageProgress>, AutoCloseable {
    private static final int BAR_WIDTH = 30;
    private static final int PART_WIDTH = 14;
    private static final long REDRAW_NANOS = 80_000_000;

    private final StandardStreams streams;
    private final boolean isQuiet;
    private final Style style;
    private final Map<String, ImageProgress> parts = new LinkedHashMap<>();
    private int linesDrawn;
    private long drawnNanos;

    ProgressDisplay(StandardStreams streams, boolean isQuiet) {
        this.streams = streams;
        this.isQuiet = isQuiet;
        this.style = new Style(streams.isErrorTerminal());
    }

    @Override
    public synchronized void accept(ImageProgress progress) {
        if (isQuiet) {
            return;
        }
        var before = parts.put(progress.part(), progress);
        if (streams.isErrorTerminal()) {
            long now = System.nanoTime();
            if (now - drawnNanos > REDRAW_NANOS) {
                drawnNanos = now;
                draw();
            }
        } else if (before == null || !before.status().equals(progress.status())) {
            write("%s: %s%s\n".formatted(name(progress.part()), progress.status(), total(progress)));
        }
    }

    private void draw() {
        var text = new StringBuilder();
        if (linesDrawn > 0) {
            text.append("\033[").append(linesDrawn).append('A');
        }
        for (var part : parts.values()) {
            text.append("\r\033[K").append(line(part)).append('\n');
        }
        linesDrawn = parts.size();
        write(text.toString());
    }

    private String line(ImageProgress part) {
        var name = "%-" + PART_WIDTH + "s %-11s ";
        var head = name.formatted(name(part.part()), part.status());
        if (part.totalBytes() <= 0) {
            return head + (part.doneBytes() > 0 ? Words.bytes(part.doneBytes()) : "");
        }
        int filled = (int) Math.min(BAR_WIDTH, part.doneBytes() * BAR_WIDTH / part.totalBytes());
        return head
                + style.cyan("█".repeat(filled))
                + style.faint("░".repeat(BAR_WIDTH - filled))
                + " %s / %s".formatted(Words.bytes(part.doneBytes()), Words.bytes(part.totalBytes()));
    }

    private static String name(String part) {
        return part.startsWith("sha256:") ? Words.shortId(part) : part;
    }

    private static String total(ImageProgress part) {
        return part.totalBytes() > 0 ? " (" + Words.bytes(part.totalBytes()) + ")" : "";
    }

    private void write(String text) {
        streams.printStream(streams.err()).print(text);
    }

    @Override
    public synchronized void close() {
        if (streams.isErrorTerminal() && !parts.isEmpty()) {
            draw();
        }
    }
}
