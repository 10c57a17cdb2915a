package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** The Exec service as its users know it: from Node, with @grpc/grpc-js. The tests themselves are in acceptance/node. */
@Acceptance
@Timeout(
        value = NodeExecServiceTest.TEST_MINUTES_MAX,
        unit = TimeUnit.MINUTES,
        threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NodeExecServiceTest {
    /** More than installing and testing may take together. */
    static final int TEST_MINUTES_MAX = 7;

    private static final Path NODE = Launch.ROOT.resolve("acceptance/node");
    private static final Duration INSTALL_LIMIT = Duration.ofMinutes(4);
    private static final Duration TESTS_LIMIT = Duration.ofSeconds(100);
    /** A test's line of the Test Anything Protocol. */
    private static final Pattern TEST = Pattern.compile("(?m)^(not )?ok \\d+ - (.*)$");

    private final TailraceServerProcess server;

    NodeExecServiceTest(TailraceServerProcess server) {
        this.server = server;
    }

    @TestFactory
    Stream<DynamicTest> theExecServiceFromNode() {
        requireNode();
        install();
        Map<String, String> environment =
                Map.of("TAILRACE_ADDRESS", server.address(), "TAILRACE_TOKEN", TailraceServerProcess.TOKEN);
        List<String> line = List.of(
                "node",
                "--test",
                "--test-reporter=tap",
                NODE.resolve("exec-service.test.mjs").toString(),
                NODE.resolve("exec-contract.test.mjs").toString());
        Command.Result result;
        try (Command node = Command.start(line, environment, null)) {
            result = node.await(TESTS_LIMIT);
        }
        List<DynamicTest> tests = tests(result.stdout());
        assertThat(tests).as(result.toString()).isNotEmpty();
        return tests.stream();
    }

    /** One test for each line, with what TAP says about it below the line. */
    private static List<DynamicTest> tests(String tap) {
        List<DynamicTest> tests = new ArrayList<>();
        Matcher line = TEST.matcher(tap);
        for (boolean found = line.find(); found; ) {
            boolean isPassed = line.group(1) == null;
            String name = line.group(2);
            int from = line.end();
            found = line.find();
            String details = tap.substring(from, found ? line.start() : tap.length());
            tests.add(DynamicTest.dynamicTest(
                    name, () -> assertThat(isPassed).as(details).isTrue()));
        }
        return tests;
    }

    private static void requireNode() {
        try {
            Command.run(Duration.ofSeconds(10), List.of("node", "--version")).succeeded();
        } catch (UncheckedIOException e) {
            throw new AssertionError(
                    "node is not installed (Debian: apt-get install nodejs npm; or ./tailrace setup)", e);
        }
    }

    private static void install() {
        Command.run(
                        INSTALL_LIMIT,
                        List.of(
                                "npm",
                                "ci",
                                "--prefix",
                                NODE.toString(),
                                "--no-audit",
                                "--no-fund",
                                "--ignore-scripts",
                                // A connection that hangs is given up before all of the time is: npm waits five
                                // minutes.
                                "--fetch-timeout=20000",
                                "--fetch-retries=5",
                                "--fetch-retry-mintimeout=1000",
                                "--prefer-offline"))
                .succeeded();
    }
}
