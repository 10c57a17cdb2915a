package io.tailrace.acceptance;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/** As {@link OptionTableTest}, on a Docker Engine. */
@Acceptance
@OnDocker
@Timeout(
        value = OptionTableTest.TEST_MINUTES_MAX,
        unit = TimeUnit.MINUTES,
        threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OptionTableOnDockerTest extends OptionTableTest {
    OptionTableOnDockerTest(TailraceServerProcess server) {
        super(server);
    }
}
