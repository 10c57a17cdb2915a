package io.tailrace.acceptance;

/** As {@link GuidesTest}, on a Docker Engine. */
@Acceptance
@OnDocker
class GuidesOnDockerTest extends GuidesTest {
    GuidesOnDockerTest(TailraceServerProcess server) {
        super(server);
    }
}
