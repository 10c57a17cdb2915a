package io.tailrace.cli;

import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** What lists have in common: how much is printed of each entry, and how. */
final class ListFlags {
    @Option(
            names = {"-q", "--quiet"},
            description = "Ids only.")
    private boolean isQuiet;

    @Option(names = "--no-trunc", description = "Cut nothing short.")
    private boolean isWhole;

    @Option(names = "--json", description = "Everything about each, as JSON.")
    private boolean isJson;

    boolean isWhole() {
        return isWhole;
    }

    /** An id as it is to be shown. */
    String shown(String id) {
        return isWhole ? id : Words.shortId(id);
    }

    /** Prints a list as it was asked for. @param id an entry's @param table of all of them */
    <T> void print(StandardStreams streams, List<T> entries, Function<T, String> id, Function<List<T>, String> table) {
        if (isJson) {
            streams.println(Json.pretty(entries));
        } else if (isQuiet) {
            entries.forEach(entry -> streams.println(shown(id.apply(entry))));
        } else {
            streams.print(table.apply(entries));
        }
    }
}
