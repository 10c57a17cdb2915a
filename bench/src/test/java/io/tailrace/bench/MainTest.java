package io.tailrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("replaces the process's stdout and stderr")
class MainTest {
    private static final int USAGE = 2;
    private static final String RUN = """
            {"format":1,"date":"2025-01-02T03:04:05Z","commit":"","machine":{},"rounds":1,"bytes":1,"comparisons":[]}
            """;

    private final PrintStream stdoutBefore = System.out;
    private final PrintStream stderrBefore = System.err;
    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();

    @TempDir
    Path directory;

    @BeforeEach
    void listen() {
        System.setOut(new PrintStream(stdout, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(stderr, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setOut(stdoutBefore);
        System.setErr(stderrBefore);
    }

    private void assertRefused(String expected, String... arguments) {
        assertThat(Main.run(arguments)).isEqualTo(USAGE);
        assertThat(stderr.toString(StandardCharsets.UTF_8)).contains(expected);
    }

    @Test
    void aComparisonThatDoesNotExistIsRefusedByNameWithThoseThatDo() {
        assertRefused("--only: speed (expected: log or one of [start, command, server, idle,", "--only", "live,speed");
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        assertRefused("--rounds: 0 (expected: >= 1)", "--rounds", "0");
        assertRefused("--size: -1 (expected: >= 1)", "--size", "-1");
        assertRefused("--idle-followers: 10001 (expected: 1 to 10000)", "--idle-followers", "10001");
        assertRefused("--rounds", "--rounds", "many");
    }

    @Test
    void twoFormsAtOnceAreRefused() {
        assertRefused("--json --markdown (expected: one of them)", "--json", "--markdown");
    }

    @Test
    void aReportThatIsNotThereIsSaidToBe() {
        assertThat(Main.run("--from", directory.resolve("gone.json").toString()))
                .isEqualTo(1);
        assertThat(stderr.toString(StandardCharsets.UTF_8))
                .contains("gone.json")
                .contains("expected");
    }

    @Test
    void anEarlierRunIsShownAndWrittenAgainWithoutMeasuring() throws Exception {
        Path json = Files.writeString(directory.resolve("run.json"), RUN);
        Path page = directory.resolve("deep").resolve("page.html");
        assertThat(Main.run("--from", json.toString(), "--html", page.toString()))
                .isZero();
        assertThat(stdout.toString(StandardCharsets.UTF_8)).contains("2025-01-02T03:04:05Z");
        assertThat(Files.readString(page)).contains("2025-01-02T03:04:05Z");
        assertThat(page.resolveSibling("page.json")).exists();
    }

    @Test
    void onlyTheResultsOfADocumentAreReplacedHoweverOften() throws Exception {
        Path json = Files.writeString(directory.resolve("run.json"), RUN);
        Path document = Files.writeString(
                directory.resolve("doc.md"), "before\n<!-- results -->\nold\n<!-- end of results -->\nbehind\n");
        assertThat(Main.run("--from", json.toString(), "--into", document.toString()))
                .isZero();
        String once = Files.readString(document);
        assertThat(once)
                .startsWith("before\n<!-- results -->")
                .contains("2025-01-02")
                .doesNotContain("old");
        assertThat(once).endsWith("<!-- end of results -->\nbehind\n");
        Main.run("--from", json.toString(), "--into", document.toString());
        assertThat(Files.readString(document)).isEqualTo(once);
    }

    @Test
    void aDocumentWithoutMarksIsLeftAsItIs() throws Exception {
        Path json = Files.writeString(directory.resolve("run.json"), RUN);
        Path document = Files.writeString(directory.resolve("doc.md"), "nothing here\n");
        assertThat(Main.run("--from", json.toString(), "--into", document.toString()))
                .isEqualTo(1);
        assertThat(stderr.toString(StandardCharsets.UTF_8)).contains("<!-- results -->");
        assertThat(Files.readString(document)).isEqualTo("nothing here\n");
        assertRefused("--into:", "--into", directory.resolve("gone.md").toString());
    }
}
