package io.tailrace.delivery;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Prints what the tests of the delivery contract found: {@code DeliveryTable DIRECTORY}, exit status 1 if one is broken. */
public final class DeliveryTable {
    /** How the name of a results file ends. */
    static final String SUFFIX = ".row";

    private static final List<String> HEADINGS = List.of(
            "promise", "what could go wrong", "attempts", "bytes", "lost", "doubled", "reordered", "verdict", "");
    /** The columns that hold numbers, which stand to the right. */
    private static final List<Integer> NUMBERS = List.of(2, 3, 4, 5, 6);

    private DeliveryTable() {}

    /** Prints the table of one directory of results. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            System.err.println("usage: DeliveryTable DIRECTORY");
            System.exit(2);
        }
        List<Row> rows = read(Path.of(arguments[0]));
        System.out.print(text(rows));
        System.exit(rows.stream().allMatch(Row::isKept) ? 0 : 1);
    }

    /** The rows of a directory, by promise; none if there is no such directory. */
    static List<Row> read(Path directory) throws IOException {
        List<Row> rows = new ArrayList<>();
        if (!Files.isDirectory(directory)) {
            return rows;
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(path -> path.toString().endsWith(SUFFIX))
                    .sorted()
                    .toList()) {
                rows.add(Row.parse(
                        Files.readAllLines(file, StandardCharsets.UTF_8).getFirst()));
            }
        }
        rows.sort(Comparator.comparing(Row::promises));
        return rows;
    }

    /** The table, with a line that sums it up. */
    static String text(List<Row> rows) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(HEADINGS);
        rows.forEach(row -> lines.add(cells(row)));
        int[] widths = IntStream.range(0, HEADINGS.size())
                .map(column -> lines.stream()
                        .mapToInt(line -> line.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder shown = new StringBuilder();
            for (int column = 0; column < widths.length; column++) {
                String cell = line.get(column);
                String padding = " ".repeat(widths[column] - cell.length());
                shown.append(NUMBERS.contains(column) ? padding + cell : cell + padding)
                        .append("  ");
            }
            text.append(shown.toString().stripTrailing()).append('\n');
        }
        long broken = rows.stream().filter(row -> !row.isKept()).count();
        return text.append(String.format(
                        Locale.ROOT,
                        "%d attempts in %d tests, %,d bytes compared: %d kept, %d broken%n",
                        rows.stream().mapToLong(Row::attempts).sum(),
                        rows.size(),
                        rows.stream().mapToLong(Row::bytes).sum(),
                        rows.size() - broken,
                        broken))
                .toString();
    }

    private static List<String> cells(Row row) {
        return List.of(
                row.promises(),
                row.test(),
                number(row.attempts()),
                number(row.bytes()),
                number(row.lost()),
                number(row.doubled()),
                number(row.reordered()),
                row.verdict(),
                row.note());
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
