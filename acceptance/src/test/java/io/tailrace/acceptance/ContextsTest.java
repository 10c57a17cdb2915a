package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers that have names: {@code tailrace context}, and every other verb by it. */
@Acceptance
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ContextsTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final TailraceServerProcess server;

    @TempDir
    private Path directory;

    private Path token = Path.of("");

    ContextsTest(TailraceServerProcess server) {
        this.server = server;
    }

    @BeforeEach
    void writeToken() throws IOException {
        token = Files.writeString(directory.resolve("token"), TailraceServerProcess.TOKEN + "\n");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void aServerIsNamedUsedListedAndForgotten() {
        run("context", "create", "acceptance", "--host", "http://" + server.address(), "--token", "@" + token)
                .succeeded();
        run("context", "create", "nowhere", "--host", "http://127.0.0.1:1").succeeded();
        assertThat(run("context", "use", "acceptance").succeeded().stderr()).isEmpty();
        assertThat(run("info").succeeded().stdout()).contains("http://" + server.address());
        assertThat(run("context", "ls").succeeded().stdout())
                .containsPattern("CONTEXT +ADDRESS +TOKEN FILE\n")
                .containsPattern("default +the local server")
                .containsPattern("acceptance \\* +http://" + server.address() + " +" + token)
                .containsPattern("nowhere +http://127.0.0.1:1");

        Command.Result other = run(Map.of("TAILRACE_CONTEXT", "nowhere"), "ps");
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.stderr()).contains("cannot reach the server at http://127.0.0.1:1");
        run("--host", "unix://" + server.socket(), "ps").succeeded();
        // With its token; in front of the verb and behind it.
        Map<String, String> elsewhere = Map.of("TAILRACE_HOST", "http://127.0.0.1:1", "TAILRACE_CONTEXT", "nowhere");
        run(elsewhere, "--context", "acceptance", "ps").succeeded();
        assertThat(run(elsewhere, "info", "--context", "acceptance").succeeded().stdout())
                .contains("http://" + server.address());
        assertThat(run("-c", "nowhere", "context", "ls").succeeded().stdout())
                .containsPattern("nowhere \\* +http://127.0.0.1:1")
                .containsPattern("acceptance +http://" + server.address());
        run(Map.of("TAILRACE_HOST", "unix://" + server.socket(), "TAILRACE_CONTEXT", "nowhere"), "ps")
                .succeeded();

        assertThat(run("context", "rm", "acceptance").stderr()).contains("\"acceptance\" is in use");
        assertThat(run("context", "rm", "nowhere").succeeded().stdout()).isEqualTo("nowhere\n");
        run("context", "use", "default").succeeded();
        run("context", "rm", "acceptance").succeeded();
        assertThat(run("context", "ls", "-q").succeeded().stdout()).isEqualTo("default\n");
        assertThat(token).exists();
    }

    @Test
    void whatIsSetBesideAContextThatIsUsedIsSaid() {
        run("context", "create", "next", "--host", "http://127.0.0.1:1").succeeded();
        assertThat(run(Map.of("TAILRACE_CONTEXT", "other"), "context", "use", "next")
                        .succeeded()
                        .stderr())
                .contains("TAILRACE_CONTEXT is set, and goes before it: other");
    }

    @Test
    void whatIsNoContextIsRefusedByWhatIsWrong() throws IOException {
        refused("--host: none (expected: the address of the server)", "context", "create", "next");
        refused("expected: @FILE", "context", "create", "next", "--host", "http://127.0.0.1:1", "--token", "secret");
        refused("\"nosuch\" (expected: one of", "context", "use", "nosuch");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-r--r--"));
        refused("mode rw-r--r--", "context", "create", "next", "--host", "http://127.0.0.1:1", "--token", "@" + token);
        assertThat(run("context", "ls", "-q").succeeded().stdout()).isEqualTo("default\n");

        Path broken = Files.createDirectories(directory.resolve("config/tailrace/contexts"))
                .resolve("broken");
        Files.writeString(broken, "address http://127.0.0.1:1\n");
        assertThat(run("context", "ls").succeeded().stdout()).contains("broken", "context file: " + broken);
        assertThat(run("context", "ls", "--json").succeeded().stdout())
                .contains("\"problem\" : \"context file: " + broken)
                .contains("\"current\" : true");
        Command.Result used = run(Map.of("TAILRACE_CONTEXT", "broken"), "ps");
        assertThat(used.exitCode()).isEqualTo(1);
        assertThat(used.stderr()).contains("context file: " + broken).doesNotContain("Exception");
    }

    private void refused(String message, String... arguments) {
        Command.Result result = run(arguments);
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(1);
        assertThat(result.stderr()).contains(message).doesNotContain("Exception");
    }

    private Command.Result run(String... arguments) {
        return run(Map.of(), arguments);
    }

    private Command.Result run(Map<String, String> more, String... arguments) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "XDG_CONFIG_HOME", directory.resolve("config").toString(),
                "TAILRACE_HOST", "",
                "TAILRACE_TOKEN", "",
                "TAILRACE_CONTEXT", ""));
        environment.putAll(more);
        return Command.run(LIMIT, Launch.tailrace(List.of(arguments)), environment);
    }
}
