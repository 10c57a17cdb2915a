package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every snippet of docs/guides/containers.md compiles, and prints what the guide says it prints.
 *
 * <p>A snippet is a block of Java; the block of text right behind it, if there is one, is all that it prints. Each runs as a
 * program of its own, with a client of the server under test as {@code tailrace}.
 */
@Acceptance
class GuidesTest {
    private static final Path GUIDE = Launch.ROOT.resolve("docs/guides/containers.md");
    private static final Duration RUN_LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private final TailraceServerProcess server;

    GuidesTest(TailraceServerProcess server) {
        this.server = server;
    }

    /** A snippet of a guide. @param printed what it prints; empty if the guide does not say */
    private record Snippet(String name, String heading, int line, String code, String printed) {}

    @TestFactory
    Stream<DynamicTest> everySnippetDoesWhatTheGuideSays() throws IOException {
        List<Snippet> snippets = snippets(Files.readAllLines(GUIDE));
        assertThat(snippets).as("snippets of " + GUIDE).hasSizeGreaterThan(20);
        compile(snippets);
        return snippets.stream()
                .map(snippet -> DynamicTest.dynamicTest(
                        "%s (line %d)".formatted(snippet.heading(), snippet.line()), () -> run(snippet)));
    }

    private void run(Snippet snippet) {
        List<String> line = Launch.program(directory, snippet.name());
        Map<String, String> environment =
                Map.of("TAILRACE_HOST", "http://" + server.address(), "TAILRACE_TOKEN", TailraceServerProcess.TOKEN);
        Command.Result result = Command.run(RUN_LIMIT, line, environment);
        assertThat(result.exitCode()).as(result.stderr()).isZero();
        if (!snippet.printed().isEmpty()) {
            assertThat(result.stdout()).as(result.stderr()).isEqualTo(snippet.printed());
        }
    }

    private void compile(List<Snippet> snippets) throws IOException {
        List<Path> sources = new ArrayList<>();
        for (Snippet snippet : snippets) {
            sources.add(Files.writeString(directory.resolve(snippet.name() + ".java"), program(snippet)));
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of(
                    "-d", directory.toString(), "-classpath", System.getProperty("java.class.path"), "-proc:none");
            boolean isCompiled = compiler.getTask(
                            said, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
                    .call();
            assertThat(isCompiled).as(said.toString()).isTrue();
        }
    }

    private static String program(Snippet snippet) {
        return """
                import io.tailrace.client.*;
                import java.io.*;
                import java.net.URI;
                import java.nio.charset.StandardCharsets;
                import java.nio.file.*;
                import java.time.*;
                import java.util.*;

                class %s {
                    public static void main(String[] arguments) throws Exception {
                        try (var tailrace = Tailrace.connect()) {
                %s
                        }
                    }
                }
                """.formatted(snippet.name(), snippet.code());
    }

    private static List<Snippet> snippets(List<String> lines) {
        List<Snippet> snippets = new ArrayList<>();
        String heading = "";
        for (int at = 0; at < lines.size(); at++) {
            String line = lines.get(at);
            if (line.startsWith("#")) {
                heading = line.replaceFirst("^#+ ", "");
            } else if (line.equals("```java")) {
                int end = endOfBlock(lines, at);
                String code = String.join("\n", lines.subList(at + 1, end));
                snippets.add(new Snippet("Snippet" + snippets.size(), heading, at + 1, code, printed(lines, end + 1)));
                at = end;
            }
        }
        return snippets;
    }

    /** The block of text that begins at a line, or behind an empty one. */
    private static String printed(List<String> lines, int from) {
        int begin = from < lines.size() && lines.get(from).isEmpty() ? from + 1 : from;
        if (begin >= lines.size() || !lines.get(begin).equals("```text")) {
            return "";
        }
        return String.join("\n", lines.subList(begin + 1, endOfBlock(lines, begin))) + "\n";
    }

    private static int endOfBlock(List<String> lines, int begin) {
        int end = begin + 1;
        while (!lines.get(end).equals("```")) {
            end++;
        }
        return end;
    }
}
