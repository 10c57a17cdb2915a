package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The three network modes, seen from inside the container and from the host. */
@Acceptance
class NetworkTest {
    private static final int CONNECT_MILLIS_MAX = 10_000;
    private static final Pattern ADDRESS = Pattern.compile("inet (\\d+\\.\\d+\\.\\d+\\.\\d+)/");

    private final TailraceServerProcess server;

    NetworkTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    void withoutANetworkThereIsOnlyLoopback() {
        String interfaces = server.run("run", "--rm", "--network", "none", "busybox", "ls", "/sys/class/net")
                .succeeded()
                .stdout();
        assertThat(interfaces.lines()).contains("lo").doesNotContain("eth0");
    }

    @Test
    void onTheHostsNetworkTheHostsPortsAreThere() throws IOException {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answer(listening));
            String answer = server.run(
                            "run",
                            "--rm",
                            "--network",
                            "host",
                            "busybox",
                            "nc",
                            "127.0.0.1",
                            "" + listening.getLocalPort())
                    .succeeded()
                    .stdout();
            assertThat(answer).isEqualTo("from the host\n");
        }
    }

    @Test
    void onTheBridgeAContainerHasAnAddressThatTheHostReaches() throws IOException {
        String id = server.run(
                        "run",
                        "-d",
                        "busybox",
                        "sh",
                        "-c",
                        "ip -4 -o addr show eth0; echo from the container | nc -l -p 7000")
                .succeeded()
                .stdout()
                .strip();
        Waiting.until(
                "the container to say its address",
                Duration.ofSeconds(20),
                () -> server.api().get(id).getStatus().getStdoutLength() > 0);
        String output = server.run("logs", id).succeeded().stdout();
        Matcher address = ADDRESS.matcher(output);
        assertThat(address.find()).as(output).isTrue();
        assertThat(receive(address.group(1), 7000)).isEqualTo("from the container\n");
        server.api().remove(id);
    }

    @Test
    void containersOnTheBridgeHaveAddressesOfTheirOwn() {
        String script = "ip -4 -o addr show eth0 | sed 's/.*inet //; s,/.*,,'; exec sleep 600";
        String first = server.run("run", "-d", "busybox", "sh", "-c", script)
                .succeeded()
                .stdout()
                .strip();
        String second = server.run("run", "-d", "busybox", "sh", "-c", script)
                .succeeded()
                .stdout()
                .strip();
        for (String id : new String[] {first, second}) {
            Waiting.until(
                    "the container to say its address",
                    Duration.ofSeconds(20),
                    () -> server.api().get(id).getStatus().getStdoutLength() > 0);
        }
        assertThat(server.run("logs", first).stdout())
                .isNotEqualTo(server.run("logs", second).stdout());
        server.api().remove(first);
        server.api().remove(second);
    }

    private static void answer(ServerSocket listening) {
        try (Socket socket = listening.accept()) {
            socket.getOutputStream().write("from the host\n".getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // The other side says what is missing.
        }
    }

    /** nc listens a moment after the container has said its address. */
    private static String receive(String host, int port) {
        StringBuilder received = new StringBuilder();
        Waiting.until("an answer from " + host, Duration.ofMillis(CONNECT_MILLIS_MAX), () -> {
            try (Socket socket = new Socket(host, port);
                    InputStream in = socket.getInputStream()) {
                received.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
                return true;
            } catch (IOException e) {
                return false;
            }
        });
        return received.toString();
    }
}
