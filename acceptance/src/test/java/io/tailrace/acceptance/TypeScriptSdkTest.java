package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The TypeScript SDK: built and checked, and its own tests, which are in sdk/typescript/test, against a real server. Then
 * the scenarios that it was driven through, in Node and in a browser, by the Java client as well.
 */
@Acceptance
@Timeout(
        value = TypeScriptSdkTest.TEST_MINUTES_MAX,
        unit = TimeUnit.MINUTES,
        threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TypeScriptSdkTest {
    /** More than installing, building and testing may take together. */
    static final int TEST_MINUTES_MAX = 16;

    private static final Path DIRECTORY = Launch.ROOT.resolve("sdk/typescript");
    private static final Duration BUILD_LIMIT = Duration.ofMinutes(3);
    private static final Duration TESTS_LIMIT = Duration.ofMinutes(8);

    private static final String IMAGE = "busybox:latest";
    /** Of the guide's programs and the examples, which have it pulled. */
    private static final String PULLED = "alpine:latest";

    private static final String AS_EXPECTED = "as expected";

    private final TailraceServerProcess server;

    @TempDir
    private Path directory;

    TypeScriptSdkTest(TailraceServerProcess server) {
        this.server = server;
    }

    @TestFactory
    Stream<DynamicTest> theTypeScriptSdkAndTheScenariosOfAllClients() throws IOException {
        NodePackage sdk = new NodePackage(DIRECTORY).install().runScript(BUILD_LIMIT, "build");
        Stream<DynamicTest> tests;
        // The tests wait more than they compute.
        try (Command checks = sdk.startScript("check")) {
            tests = tests(sdk.runScript(BUILD_LIMIT, "build-tests"));
            checks.await(BUILD_LIMIT).succeeded();
        }
        Command.Result removal = server.run("image", "rm", "-f", PULLED);
        JsonNode others = new ObjectMapper()
                .readTree(DIRECTORY.resolve("target/scenarios.json").toFile());
        System.out.printf("%-24s %-12s %-12s %-12s%n", "scenario", "Java", "Node", "browser");
        return Stream.of(
                        tests,
                        Stream.of(DynamicTest.dynamicTest(PULLED + " was pulled", removal::succeeded)),
                        Scenario.all().stream()
                                .map(scenario -> DynamicTest.dynamicTest(
                                        "scenario " + scenario.name() + " in Java, Node and a browser",
                                        () -> compare(scenario, others.path(scenario.name())))))
                .flatMap(all -> all);
    }

    private Stream<DynamicTest> tests(NodePackage sdk) throws IOException {
        Map<String, String> environment = Map.of(
                "TAILRACE_IMAGE",
                IMAGE,
                "TAILRACE_ADDRESS",
                "http://" + server.address(),
                "TAILRACE_TOKEN",
                TailraceServerProcess.TOKEN,
                "TAILRACE_SOCKET",
                server.socket().toString(),
                "TAILRACE_BIN",
                commands().toString());
        try (Registry registry = Registry.start(directory.resolve("registry"));
                DockerHubMirror _ = DockerHubMirror.of(registry, server)) {
            leaveTo(registry);
            return sdk.test(TESTS_LIMIT, environment, testFiles());
        }
    }

    /** The registry has what is pulled, and the server does not. */
    private void leaveTo(Registry registry) throws IOException {
        String reference = registry.address() + "/library/" + PULLED;
        server.run(
                        "image",
                        "import",
                        new Archives(directory).dockerArchive(reference).toString())
                .succeeded();
        registry.push(server, reference);
        server.run("image", "rm", reference).succeeded();
        assertThat(server.run("image", "rm", PULLED).exitCode())
                .as(PULLED + " was there before")
                .isNotZero();
    }

    /** A directory for the PATH, with the tailrace command. */
    private Path commands() throws IOException {
        String line = Launch.tailrace(List.of()).stream()
                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
        Path directory = Files.createDirectories(server.shared().resolve("bin"));
        Path command = Files.writeString(directory.resolve("tailrace"), "#!/bin/sh\nexec " + line + " \"$@\"\n");
        Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwxr-xr-x"));
        return directory;
    }

    /** All clients make the same of a scenario. */
    private void compare(Scenario scenario, JsonNode others) {
        Map<String, String> result = scenario.play(server, IMAGE);
        String inJava = result.equals(scenario.expected()) ? AS_EXPECTED : "differs";
        String inNode = others.path("node").asText("-");
        String inBrowser = others.path("browser").asText("-");
        System.out.printf("%-24s %-12s %-12s %-12s%n", scenario.name(), inJava, inNode, inBrowser);
        assertThat(result).isEqualTo(scenario.expected());
        assertThat(List.of(inNode, inBrowser)).containsOnly(AS_EXPECTED);
    }

    private static List<String> testFiles() {
        try (Stream<Path> files = Files.list(DIRECTORY.resolve("target/test"))) {
            return files.map(Path::toString)
                    .filter(file -> file.endsWith(".test.js"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
