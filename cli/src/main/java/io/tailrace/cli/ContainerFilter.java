package io.tailrace.cli;

import io.tailrace.client.ContainerInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Which containers to list, as docker's {@code --filter} says it.
 *
 * @param labels for the server; an empty value matches any
 * @param hasState whether a state is asked for, so that containers that do not run may be meant
 */
record ContainerFilter(Map<String, String> labels, boolean hasState, List<Predicate<ContainerInfo>> conditions) {
    static ContainerFilter parse(List<String> filters) {
        Map<String, String> labels = new HashMap<>();
        List<Predicate<ContainerInfo>> conditions = new ArrayList<>();
        List<String> states = new ArrayList<>();
        for (var filter : filters) {
            int equals = filter.indexOf('=');
            var key = equals < 0 ? filter : filter.substring(0, equals);
            var value = equals < 0 ? "" : filter.substring(equals + 1);
            switch (key) {
                case "label" -> {
                    int inner = value.indexOf('=');
                    labels.put(
                            inner < 0 ? value : value.substring(0, inner), inner < 0 ? "" : value.substring(inner + 1));
                }
                case "state", "status" -> states.add(value);
                case "name" -> conditions.add(container -> container.name().contains(value));
                case "id" -> conditions.add(container -> container.id().startsWith(value));
                case "image", "ancestor" ->
                    conditions.add(container -> container.image().equals(value)
                            || Words.shortReference(container.image()).equals(Words.shortReference(value)));
                default ->
                    throw new CliException(
                            "filter: \"%s\" (expected: label=, state=, name=, id= or image=)".formatted(filter));
            }
        }
        if (!states.isEmpty()) {
            conditions.add(
                    container -> states.contains(container.status().state().word()));
        }
        return new ContainerFilter(labels, !states.isEmpty(), conditions);
    }

    boolean matches(ContainerInfo container) {
        return conditions.stream().allMatch(condition -> condition.test(container));
    }
}
