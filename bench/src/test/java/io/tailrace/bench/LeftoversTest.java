package io.tailrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {
    @TempDir
    Path directory;

    @Test
    void whatWasStartedFromTheDirectoryEndsWithAllThatItStartedAndNothingElse() throws Exception {
        Process named = sh("sleep 600; : " + directory.resolve("x"));
        Process other = sh("sleep 600; :");
        try {
            Awaitility.await()
                    .atMost(30, TimeUnit.SECONDS)
                    .until(() ->
                            named.children().count() == 1 && other.children().count() == 1);
            List<ProcessHandle> children = named.children().toList();
            Leftovers.endProcesses(directory);
            assertThat(named.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(children).noneMatch(ProcessHandle::isAlive);
            assertThat(other.isAlive()).isTrue();
        } finally {
            other.descendants().forEach(ProcessHandle::destroyForcibly);
            other.destroyForcibly();
            named.destroyForcibly();
        }
    }

    private static Process sh(String script) throws Exception {
        return new ProcessBuilder("/bin/sh", "-c", script).start();
    }

    @Test
    void aTreeIsDeletedWhole() throws Exception {
        Path tree = Files.createDirectories(directory.resolve("a").resolve("b"));
        Files.writeString(tree.resolve("file"), "x");
        Files.createSymbolicLink(tree.resolve("link"), Path.of("nowhere"));
        Leftovers.delete(directory.resolve("a"));
        assertThat(directory.resolve("a")).doesNotExist();
    }
}
