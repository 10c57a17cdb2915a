package io.tailrace.acceptance;

import io.tailrace.delivery.DeliveryTest;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** As {@link ServerKillTest}, on a Docker Engine: what it takes from processes while no server runs is in its log. */
@Acceptance
@OnDocker
@DeliveryTest
@Alone
@Tag("slow")
@Timeout(
        value = ServerKillTest.TEST_MINUTES_MAX,
        unit = TimeUnit.MINUTES,
        threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ServerKillOnDockerTest extends ServerKillTest {
    ServerKillOnDockerTest(TailraceServerProcess server) {
        super(server);
    }
}
