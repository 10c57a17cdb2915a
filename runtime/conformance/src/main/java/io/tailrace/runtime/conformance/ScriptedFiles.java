package io.tailrace.runtime.conformance;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.runtime.spi.FileChange;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What scripts say that they have changed in the files of a container. Thread-safe. */
final class ScriptedFiles {
    private record Change(FileChange.Kind kind, long bytes) {}

    @GuardedBy("this") private final Map<String, Change> changes = new TreeMap<>();

    synchronized void change(FileChange change, long bytes) {
        changes.put(change.path(), new Change(change.kind(), bytes));
    }

    synchronized List<FileChange> changes() {
        return changes.entrySet().stream()
                .map(change -> new FileChange(change.getValue().kind(), change.getKey()))
                .toList();
    }

    synchronized long bytes() {
        return changes.values().stream().mapToLong(Change::bytes).sum();
    }
}
