package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Ports that containers publish on the host. */
@Acceptance
class PortsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final TailraceServerProcess server;

    PortsTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    void aWebServerIsReachedAtItsPublishedPortAlsoWhenTheServerWasKilled() throws Exception {
        server.run(
                        "run",
                        "-d",
                        "--name=web",
                        "-p",
                        "127.0.0.1::80",
                        "busybox",
                        "sh",
                        "-c",
                        "mkdir /www; echo page > /www/index.html; exec httpd -f -p 80 -h /www")
                .succeeded();
        String published = server.run("port", "web", "80").succeeded().stdout().strip();
        assertThat(published).startsWith("127.0.0.1:");
        assertThat(server.run("port", "web").succeeded().stdout()).isEqualTo("80/tcp -> " + published + "\n");
        assertThat(server.run("ps").succeeded().stdout()).contains(published + "->80/tcp");
        awaitPage(published);

        server.kill();
        awaitPage(published);
        server.startAgain();
        assertThat(server.run("port", "web", "80").succeeded().stdout().strip()).isEqualTo(published);
        awaitPage(published);

        server.run("stop", "-t", "0", "web").succeeded();
        assertThat(server.run("port", "web").succeeded().stdout()).isEmpty();
        server.run("start", "web").succeeded();
        awaitPage(server.run("port", "web", "80").succeeded().stdout().strip());
        server.run("rm", "-f", "web").succeeded();
    }

    @Test
    void aPortThatIsInUseIsNamed() throws Exception {
        String before = containers();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            String wanted = "127.0.0.1:%d:80".formatted(taken.getLocalPort());
            Command.Result refused = server.run("run", "--rm", "-p", wanted, "busybox", "true");
            assertThat(refused.exitCode()).isEqualTo(125);
            assertThat(refused.stderr())
                    .contains("port %s/tcp: host port %d is in use (expected: a free one)"
                            .formatted(wanted, taken.getLocalPort()));
        }
        await().atMost(LIMIT).untilAsserted(() -> assertThat(containers()).isEqualTo(before));
    }

    private String containers() {
        return server.run("ps", "-a", "-q").succeeded().stdout();
    }

    private static void awaitPage(String address) {
        await().atMost(LIMIT).ignoreExceptions().untilAsserted(() -> {
            try (InputStream in = URI.create("http://" + address + "/").toURL().openStream()) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("page\n");
            }
        });
    }
}
