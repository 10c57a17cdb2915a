package io.tailrace.acceptance;

import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** As {@link GuidesTest}, on a Docker Engine. */
@Acceptance
@OnDocker
@EnabledIfSystemProperty(named = "tailrace.long", matches = "true")
class GuidesOnDockerTest extends GuidesTest {
    GuidesOnDockerTest(TailraceServerProcess server) {
        super(server);
    }
}
