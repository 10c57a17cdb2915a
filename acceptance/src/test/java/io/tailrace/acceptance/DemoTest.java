package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./tailrace demo}: the first thing that a newcomer runs. */
@Tag("containerd")
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DemoTest {
    @Test
    void theDemoShowsThatAllFollowersGetTheSameAndLeavesNothingBehind(@TempDir Path directory) throws IOException {
        List<String> line = new ArrayList<>(Launch.tailrace(List.of("demo", "--seconds", "3")));
        // Whatever it starts inherits its environment, and bears this directory's name so.
        Map<String, String> environment = Map.of("TMPDIR", directory.toString());
        try (Command demo = Command.start(line, environment, null)) {
            Command.Result result = demo.await(Duration.ofSeconds(90)).succeeded();
            assertThat(result.stdout()).contains("all received the same, byte for byte");
        }
        Leftovers leftovers = new Leftovers(directory);
        try {
            leftovers.assertNone(List.of());
        } finally {
            leftovers.processes().forEach(ProcessHandle::destroyForcibly);
        }
    }
}
