package io.tailrace.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** The TypeScript SDK: built and checked, and its own tests, which are in sdk/typescript/test, against a real server. */
@Acceptance
@Timeout(
        value = TypeScriptSdkTest.TEST_MINUTES_MAX,
        unit = TimeUnit.MINUTES,
        threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TypeScriptSdkTest {
    /** More than installing, building and testing may take together. */
    static final int TEST_MINUTES_MAX = 12;

    private static final Path DIRECTORY = Launch.ROOT.resolve("sdk/typescript");
    private static final Duration BUILD_LIMIT = Duration.ofMinutes(3);
    private static final Duration TESTS_LIMIT = Duration.ofMinutes(4);

    private final TailraceServerProcess server;

    TypeScriptSdkTest(TailraceServerProcess server) {
        this.server = server;
    }

    @TestFactory
    Stream<DynamicTest> theTypeScriptSdkFromNode() {
        NodePackage sdk = new NodePackage(DIRECTORY)
                .install()
                .runScript(BUILD_LIMIT, "build")
                .runScript(BUILD_LIMIT, "lint")
                .runScript(BUILD_LIMIT, "build-tests");
        server.run("image", "busybox", "alpine:latest").succeeded();
        return sdk.test(
                TESTS_LIMIT,
                Map.of("TAILRACE_ADDRESS", "http://" + server.address(), "TAILRACE_TOKEN", TailraceServerProcess.TOKEN),
                testFiles());
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
