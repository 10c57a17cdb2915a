package io.tailrace.engine;

import java.util.Map;

/** Finding things by their labels. */
public final class Labels {
    private Labels() {}

    /** Whether all wanted ones are present. @param wanted an empty value matches any */
    public static boolean match(Map<String, String> present, Map<String, String> wanted) {
        return wanted.entrySet().stream().allMatch(label -> {
            String value = present.get(label.getKey());
            return value != null && (label.getValue().isEmpty() || value.equals(label.getValue()));
        });
    }
}
