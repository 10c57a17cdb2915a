package io.tailrace.cli;

import io.tailrace.cli.terminal.Terminal;
import io.tailrace.client.StandardStream;
import java.util.ArrayList;
import java.util.List;

/** Shows watchers side by side: redrawn in place on a terminal, a line a second elsewhere. One thread. */
final class DemoScreen {
    private static final int ROWS = 10;
    private static final int WIDTH_DEFAULT = 100;
    private static final int GAP = 2;

    private final StandardStreams streams;
    private final Style style;
    private final List<DemoWatcher> watchers;
    private boolean isDrawn;
    private long secondsShown = -1;

    DemoScreen(StandardStreams streams, List<DemoWatcher> watchers) {
        this.streams = streams;
        this.style = new Style(streams.isOutputTerminal());
        this.watchers = watchers;
    }

    /** @param millis since the container started */
    void show(long millis) {
        if (streams.isOutputTerminal()) {
            draw();
        } else if (millis / 1000 > secondsShown) {
            secondsShown = millis / 1000;
            streams.println(line(secondsShown));
        }
    }

    /** Shows how it ended. */
    void finish(long millis) {
        secondsShown = -1;
        show(millis);
    }

    private void draw() {
        int width = Terminal.size(1).map(Terminal.Size::columns).orElse(WIDTH_DEFAULT);
        int column = Math.max(8, width / watchers.size() - GAP);
        var text = new StringBuilder();
        if (isDrawn) {
            text.append("\033[").append(ROWS + 1).append('A');
        }
        isDrawn = true;
        text.append("\r\033[K");
        for (var watcher : watchers) {
            text.append(style.bold(cell(watcher.name(), column))).append(" ".repeat(GAP));
        }
        text.append('\n');
        List<List<String>> columns = new ArrayList<>();
        watchers.forEach(watcher -> columns.add(watcher.lines(ROWS)));
        for (int row = 0; row < ROWS; row++) {
            text.append("\r\033[K");
            for (var lines : columns) {
                var line = row < lines.size() ? lines.get(row) : "";
                var cell = cell(line, column);
                text.append(line.startsWith("!") ? style.yellow(cell) : cell).append(" ".repeat(GAP));
            }
            text.append('\n');
        }
        streams.print(text.toString());
    }

    private static String cell(String line, int width) {
        return line.length() > width ? line.substring(0, width) : line + " ".repeat(width - line.length());
    }

    private String line(long seconds) {
        var text = new StringBuilder("%3d s".formatted(seconds));
        for (var watcher : watchers) {
            long bytes = watcher.received(StandardStream.STDOUT).length()
                    + watcher.received(StandardStream.STDERR).length();
            text.append("   ").append(watcher.name()).append(' ').append(Words.bytes(bytes));
        }
        return text.toString();
    }
}
