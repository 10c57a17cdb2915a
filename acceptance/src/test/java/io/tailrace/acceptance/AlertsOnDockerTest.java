package io.tailrace.acceptance;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** As {@link AlertsTest}, by what a Docker Engine says of its containers. */
@Tag("docker")
@EnabledIfSystemProperty(named = "tailrace.long", matches = "true")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AlertsOnDockerTest extends AlertsTest {
    @Override
    Map<String, String> runtime() {
        return DockerEngine.settings();
    }
}
