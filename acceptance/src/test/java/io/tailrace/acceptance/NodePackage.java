package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** A directory with a package of npm's, whose tests run with Node's own test runner. */
record NodePackage(Path directory) {
    private static final Duration INSTALL_LIMIT = Duration.ofMinutes(4);
    /** A test's line of the Test Anything Protocol. */
    private static final Pattern TEST = Pattern.compile("(?m)^(not )?ok \\d+ - (.*)$");

    /** Installs what the package's lock file says. */
    NodePackage install() {
        requireNode();
        Command.run(
                        INSTALL_LIMIT,
                        List.of(
                                "npm",
                                "ci",
                                "--prefix",
                                directory.toString(),
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
        return this;
    }

    /** Runs one of the package's scripts. */
    NodePackage runScript(Duration limit, String script) {
        Command.run(limit, scriptLine(script)).succeeded();
        return this;
    }

    /** Starts one of the package's scripts, to run beside others. */
    Command startScript(String script) {
        return Command.start(scriptLine(script));
    }

    private List<String> scriptLine(String script) {
        return List.of("npm", "run", "--silent", "--prefix", directory.toString(), script);
    }

    /**
     * Runs test files, and gives a test for each of theirs.
     *
     * @param files relative to the directory
     */
    Stream<DynamicTest> test(Duration limit, Map<String, String> environment, List<String> files) {
        List<String> line = new ArrayList<>(List.of(
                "node",
                "--test",
                "--test-reporter=tap",
                // By default one less than there are processors. Most tests wait for what they have started.
                "--test-concurrency=4"));
        files.forEach(file -> line.add(directory.resolve(file).toString()));
        Command.Result result;
        try (Command node = Command.start(line, environment, null)) {
            result = node.await(limit);
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
}
