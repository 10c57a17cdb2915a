package io.tailrace.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The table in docs/contracts/runtime.md of what each runtime makes of each option. It stands between two comments and is
 * written by the test that looks, one column for each runtime. Immutable.
 */
final class OptionTable {
    static final String CONTAINERD = "containerd";
    static final String DOCKER = "Docker Engine";

    private static final List<String> RUNTIMES = List.of(CONTAINERD, DOCKER);
    private static final Path DOCUMENT = Launch.ROOT.resolve("docs/contracts/runtime.md");
    private static final String BEGIN = "<!-- options: what follows is written by OptionTableTest -->\n";
    private static final String END = "<!-- end of options -->";
    static final String UNKNOWN = "not looked yet";

    /** By runtime, then by option. */
    private final Map<String, Map<String, String>> columns;

    private OptionTable(Map<String, Map<String, String>> columns) {
        this.columns = columns;
    }

    /** What the document has. */
    static OptionTable read() throws IOException {
        Map<String, Map<String, String>> columns = new LinkedHashMap<>();
        RUNTIMES.forEach(runtime -> columns.put(runtime, new LinkedHashMap<>()));
        String text = Files.readString(DOCUMENT);
        String table = text.substring(text.indexOf(BEGIN) + BEGIN.length(), text.indexOf(END));
        table.lines().skip(2).forEach(line -> {
            String[] cells = line.split("\\|", -1);
            for (int i = 0; i < RUNTIMES.size(); i++) {
                columns.get(RUNTIMES.get(i)).put(cells[1].strip(), cells[2 + i].strip());
            }
        });
        return new OptionTable(columns);
    }

    /** What a runtime makes of each option. */
    Map<String, String> column(String runtime) {
        return columns.get(runtime);
    }

    /** Puts what was seen in the document, in place of what it has. */
    void write(String runtime, Map<String, String> seen) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("| option | " + String.join(" | ", RUNTIMES) + " |");
        lines.add("|---".repeat(RUNTIMES.size() + 1) + "|");
        for (String option : seen.keySet()) {
            List<String> cells = new ArrayList<>(List.of(option));
            for (String other : RUNTIMES) {
                cells.add(
                        other.equals(runtime)
                                ? seen.get(option)
                                : columns.get(other).getOrDefault(option, UNKNOWN));
            }
            lines.add("| " + String.join(" | ", cells) + " |");
        }
        String text = Files.readString(DOCUMENT);
        String before = text.substring(0, text.indexOf(BEGIN) + BEGIN.length());
        Files.writeString(DOCUMENT, before + String.join("\n", lines) + "\n" + text.substring(text.indexOf(END)));
    }
}
