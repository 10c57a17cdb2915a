package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.FileChange;
import io.tailrace.runtime.spi.RuntimeContainer;
import java.util.ArrayList;
import java.util.List;

/** Reads what the engine says of changed files. */
final class ContainerChanges {
    private static final FileChange.Kind[] KINDS = {
        FileChange.Kind.MODIFIED, FileChange.Kind.ADDED, FileChange.Kind.DELETED
    };

    private ContainerChanges() {}

    /** @param changes the engine's answer: null where there are none. @throws ContainerRuntimeException RESOURCE_EXHAUSTED */
    static List<FileChange> of(JsonNode changes, Place place) {
        if (changes.size() > RuntimeContainer.CHANGES_MAX) {
            throw new ContainerRuntimeException(
                    Code.RESOURCE_EXHAUSTED,
                    "changes of %s: %d (expected: at most %d)"
                            .formatted(place, changes.size(), RuntimeContainer.CHANGES_MAX));
        }
        List<FileChange> found = new ArrayList<>();
        for (JsonNode change : changes) {
            int kind = change.path("Kind").asInt();
            if (kind < 0 || kind >= KINDS.length) {
                throw new ContainerRuntimeException(
                        Code.INTERNAL, "changes of %s: kind %d (expected: 0 to 2)".formatted(place, kind));
            }
            found.add(new FileChange(KINDS[kind], change.path("Path").asText()));
        }
        return found;
    }
}
