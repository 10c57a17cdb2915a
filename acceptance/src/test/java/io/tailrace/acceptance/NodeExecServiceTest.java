package io.tailrace.acceptance;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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

    private static final Duration TESTS_LIMIT = Duration.ofSeconds(100);

    private final TailraceServerProcess server;

    NodeExecServiceTest(TailraceServerProcess server) {
        this.server = server;
    }

    @TestFactory
    Stream<DynamicTest> theExecServiceFromNode() {
        return new NodePackage(Launch.ROOT.resolve("acceptance/node"))
                .install()
                .test(
                        TESTS_LIMIT,
                        Map.of("TAILRACE_ADDRESS", server.address(), "TAILRACE_TOKEN", TailraceServerProcess.TOKEN),
                        List.of("exec-service.test.mjs", "exec-contract.test.mjs"));
    }
}
