package io.tailrace.acceptance;

import io.tailrace.delivery.DeliveryTest;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** As {@link ManyContainersTest}, on a Docker Engine. */
@Acceptance
@OnDocker
@DeliveryTest
@Tag("slow")
@Timeout(
        value = ManyContainersTest.TEST_MINUTES_MAX,
        unit = TimeUnit.MINUTES,
        threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ManyContainersOnDockerTest extends ManyContainersTest {
    ManyContainersOnDockerTest(TailraceServerProcess server) {
        super(server);
    }
}
