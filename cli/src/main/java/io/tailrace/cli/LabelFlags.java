package io.tailrace.cli;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Labels as docker's flags give them. */
final class LabelFlags {
    private LabelFlags() {}

    /** {@code NAME[=VALUE]}, each. */
    static Map<String, String> parse(List<String> texts) {
        Map<String, String> labels = new HashMap<>();
        for (var text : texts) {
            int equals = text.indexOf('=');
            labels.put(equals < 0 ? text : text.substring(0, equals), equals < 0 ? "" : text.substring(equals + 1));
        }
        return labels;
    }

    /** {@code label=NAME[=VALUE]}, each: for the server; an empty value matches any. */
    static Map<String, String> parseFilters(List<String> filters) {
        return parse(filters.stream()
                .map(filter -> {
                    if (!filter.startsWith("label=")) {
                        throw new CliException("filter: \"%s\" (expected: label=NAME[=VALUE])".formatted(filter));
                    }
                    return filter.substring("label=".length());
                })
                .toList());
    }
}
