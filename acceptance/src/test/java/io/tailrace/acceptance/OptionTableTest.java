package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the documents say of options is what a runtime does; {@code -Dtailrace.options.write=true} writes it. */
@Acceptance
@Timeout(
        value = OptionTableTest.TEST_MINUTES_MAX,
        unit = TimeUnit.MINUTES,
        threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OptionTableTest {
    static final int TEST_MINUTES_MAX = 10;

    private static final int AT_ONCE = 4;
    private static final String WRITE_PROPERTY = "tailrace.options.write";
    private static final String HOW_TO_WRITE = """
            docs/contracts/runtime.md differs from what is so; what is so is written by
            ./mvnw -q -Dquick package -pl acceptance -am -Dtest='OptionTable*Test' \
            -Dsurefire.failIfNoSpecifiedTests=false -D%s=true
            """.formatted(WRITE_PROPERTY);

    private final TailraceServerProcess server;

    OptionTableTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    void theTableOfOptionsSaysWhatThisRuntimeDoes() throws Exception {
        String runtime = server.isOnDocker() ? OptionTable.DOCKER : OptionTable.CONTAINERD;
        OptionTable table = OptionTable.read();
        Map<String, String> seen = seen();
        seen.replaceAll((option, cell) ->
                cell.isEmpty() ? table.column(runtime).getOrDefault(option, OptionTable.UNKNOWN) : cell);
        if (Boolean.getBoolean(WRITE_PROPERTY)) {
            table.write(runtime, seen);
        } else {
            assertThat(List.copyOf(table.column(runtime).entrySet()))
                    .as(HOW_TO_WRITE)
                    .isEqualTo(List.copyOf(seen.entrySet()));
        }
    }

    private Map<String, String> seen() throws Exception {
        List<OptionRow> rows = OptionRow.all(OptionPlace.make(server));
        List<String> wrong = new ArrayList<>();
        Map<String, String> seen = new LinkedHashMap<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<String>> results = rows.stream()
                    .map(row -> threads.submit(() -> row.on(server)))
                    .toList();
            for (int i = 0; i < rows.size(); i++) {
                try {
                    seen.put(rows.get(i).option(), results.get(i).get(TEST_MINUTES_MAX, TimeUnit.MINUTES));
                } catch (ExecutionException e) {
                    wrong.add(String.valueOf(e.getCause()));
                }
            }
        } finally {
            OptionPlace.remove(server);
        }
        assertThat(wrong).isEmpty();
        return seen;
    }
}
