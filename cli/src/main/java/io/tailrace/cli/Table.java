package io.tailrace.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows under a header, columns aligned by spaces. */
final class Table {
    private static final int GAP = 3;

    private final List<List<String>> rows = new ArrayList<>();

    Table(String... header) {
        row(header);
    }

    void row(String... cells) {
        rows.add(List.of(cells));
    }

    @Override
    public String toString() {
        int columns = rows.getFirst().size();
        var widths = new int[columns];
        for (var row : rows) {
            for (int column = 0; column < columns; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        var text = new StringBuilder();
        for (var row : rows) {
            for (int column = 0; column < columns; column++) {
                var cell = row.get(column);
                text.append(cell);
                if (column < columns - 1) {
                    text.repeat(' ', widths[column] - cell.length() + GAP);
                }
            }
            text.append('\n');
        }
        return text.toString();
    }
}
