package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.NetworkInterface;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Networks that users make: containers find each other by name in them, and nobody from elsewhere. */
@Acceptance
class UserNetworkTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String WEB_SERVER = "mkdir /www; echo page > /www/index.html; exec httpd -f -p 80 -h /www";
    /** Nobody is asked for the names that no container has. */
    private static final String[] NO_RESOLVER = {"--dns", "127.0.0.1", "--dns-search", "."};

    private final TailraceServerProcess server;

    UserNetworkTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    void containersTalkByNameAndAliasAlsoAfterRestartsOfOneAndOfTheServer() throws Exception {
        server.run("network", "create", "shop").succeeded();
        String web = runIn("shop", "web", "--network-alias", "www", "-p", "127.0.0.1::80");
        runIn("shop", "client");
        awaitPage("client", "web", "www", web.substring(0, 12));
        awaitPublished();

        server.run("restart", "-t", "0", "web").succeeded();
        server.kill();
        server.startAgain();
        awaitPage("client", "web", "www");
        awaitPublished();

        server.run("restart", "-t", "0", "client").succeeded();
        awaitPage("client", "web");
        server.run("stop", "-t", "0", "web").succeeded();
        assertThat(find("client", "web")).isEmpty();

        refused("network shop is used by container", "network", "rm", "shop");
        server.run("rm", "-f", "web", "client").succeeded();
        remove("shop");
    }

    @Test
    void whoIsInAnotherNetworkDoesNotFindIt() {
        server.run("network", "create", "front").succeeded();
        server.run("network", "create", "back").succeeded();
        runIn("front", "front-web");
        runIn("back", "back-web");
        runIn("front", "both", "--network", "back");
        awaitPage("both", "front-web", "back-web");
        assertThat(find("front-web", "back-web")).isEmpty();
        assertThat(find("front-web", "both")).isNotEmpty();
        server.run("rm", "-f", "front-web", "back-web", "both").succeeded();
        assertThat(server.run("network", "prune").succeeded().stdout().lines()).contains("front", "back");
    }

    @Test
    void anAddressThatIsAskedForIsGivenAndASubnetThatIsGivenIsTheNetworks() throws Exception {
        server.run("network", "create", "--subnet", "10.101.7.0/24", "--gateway", "10.101.7.254", "--internal", "vault")
                .succeeded();
        assertThat(server.run("network", "ls").succeeded().stdout())
                .contains("vault")
                .contains("10.101.7.0/24")
                .contains("10.101.7.254")
                .contains("internal");
        server.run("run", "-d", "--network", "vault", "--ip", "10.101.7.9", "--name", "safe", "busybox", "sleep", "600")
                .succeeded();
        assertThat(exec("safe", "ip -4 -o addr show eth0").succeeded().stdout()).contains("10.101.7.9/24");
        if (server.isOnDocker()) {
            // There is a route, and the engine's packet filter lets nothing through: not in tests, whose engine has
            // none.
            assertThat(DockerEngine.docker("network", "inspect", "--format={{.Internal}}", "vault"))
                    .isEqualTo("true");
        } else {
            assertThat(exec("safe", "ip route").succeeded().stdout())
                    .as("no way out")
                    .doesNotContain("default");
        }
        assertThat(server.run("inspect", "safe").succeeded().stdout()).contains("\"address\" : \"10.101.7.9\"");
        server.run("rm", "-f", "safe").succeeded();
        remove("vault");
    }

    @Test
    void badInputIsNamedAndLeavesNothing() throws Exception {
        long networks = lines("network", "ls", "-q");
        long containers = lines("ps", "-a", "-q");
        server.run("network", "create", "--subnet", "10.102.3.0/24", "small").succeeded();
        refused("subnet: 10.102.3.7/24", "network", "create", "--subnet", "10.102.3.7/24", "other");
        refused("10.102", "network", "create", "--subnet", "10.102.0.0/16", "other");
        refused("network: nowhere", "run", "--rm", "--network", "nowhere", "busybox", "true");
        server.run(
                        "run",
                        "-d",
                        "--network",
                        "small",
                        "--ip",
                        "10.102.3.9",
                        "--name",
                        "owner",
                        "busybox",
                        "sleep",
                        "600")
                .succeeded();
        refused("container owner has it", "run", "--network", "small", "--ip", "10.102.3.9", "busybox", "true");
        assertThat(lines("network", "ls", "-q")).isEqualTo(networks + 1);
        assertThat(lines("ps", "-a", "-q")).isEqualTo(containers + 1);
        server.run("rm", "-f", "owner").succeeded();
        remove("small");
    }

    private long lines(String... line) {
        return server.run(line).succeeded().stdout().lines().count();
    }

    private void refused(String words, String... line) {
        Command.Result refused = server.run(line);
        assertThat(refused.exitCode()).as(refused.stderr()).isNotZero();
        assertThat(refused.stderr()).contains(words);
    }

    private String runIn(String network, String name, String... options) {
        var line = new ArrayList<>(List.of("run", "-d", "--network", network, "--name", name));
        line.addAll(List.of(NO_RESOLVER));
        line.addAll(List.of(options));
        line.addAll(List.of("busybox", "sh", "-c", WEB_SERVER.replace("mkdir /www", "mkdir -p /www")));
        return server.run(line.toArray(String[]::new)).succeeded().stdout().strip();
    }

    private Command.Result exec(String container, String script) {
        return server.run("exec", container, "sh", "-c", script);
    }

    /** The address under which a container finds a name, as ping says it before it waits for an answer; empty if none. */
    private String find(String from, String name) {
        return exec(from, "ping -c 1 -w 1 %s 2>/dev/null | head -n 1".formatted(name))
                .stdout();
    }

    /** A web server may take a moment. A static busybox's own wget does not survive looking a name up. */
    private void awaitPage(String from, String... names) {
        String script = """
                for name in %s; do
                    tries=0
                    until printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 2 $name 80 | grep -q page; do
                        tries=$((tries + 1))
                        [ $tries -lt 60 ] || { echo no page from $name; exit 1; }
                        sleep 0.2
                    done
                done""".formatted(String.join(" ", names));
        exec(from, script).succeeded();
    }

    private void awaitPublished() {
        String published = server.run("port", "web", "80").succeeded().stdout().strip();
        await().atMost(LIMIT).ignoreExceptions().untilAsserted(() -> {
            try (InputStream in =
                    URI.create("http://" + published + "/").toURL().openStream()) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("page\n");
            }
        });
    }

    private void remove(String network) throws IOException {
        String id = server.run("network", "inspect", network)
                .succeeded()
                .stdout()
                .replaceAll("(?s).*\"id\" : \"(\\w+)\".*", "$1");
        server.run("network", "rm", network).succeeded();
        assertThat(server.run("network", "ls").succeeded().stdout()).doesNotContain(network);
        assertThat(NetworkInterface.networkInterfaces().map(NetworkInterface::getName))
                .doesNotContain("tr-" + id.substring(0, 10), "br-" + id.substring(0, 12));
        assertThat(Path.of("/run/tailrace/addresses/tailrace-" + id.substring(0, 12)))
                .doesNotExist();
    }
}
