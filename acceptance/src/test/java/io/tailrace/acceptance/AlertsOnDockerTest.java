package io.tailrace.acceptance;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;

/** As {@link AlertsTest}, by what a Docker Engine says of its containers. */
@Tag("docker")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AlertsOnDockerTest extends AlertsTest {
    @Override
    Map<String, String> runtime() {
        return DockerEngine.settings();
    }
}
