package io.tailrace.runtime.containerd;

import static io.tailrace.runtime.containerd.LifecycleTest.assertCode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Port;
import io.tailrace.runtime.spi.ContainerSpec.Port.Protocol;
import io.tailrace.runtime.spi.Endpoints;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("containerd")
@ExtendWith(ContainerdExtension.class)
class PublishedPortsTest {
    private static final String WEB_SERVER =
            "mkdir -p /tmp/www; echo page > /tmp/www/index.html; exec httpd -f -p 80 -h /tmp/www";

    private final TestContainerd containerd;

    PublishedPortsTest(TestContainerd containerd) {
        this.containerd = containerd;
    }

    @BeforeEach
    void needsABridge() {
        assumeThat(containerd.runtime.info().capabilities()).contains(Capability.NETWORK_BRIDGE);
    }

    @Test
    void aWebServerIsReachedAtTheHostsPortAsLongAsItRunsAndInTheNextRunAgain() throws Exception {
        RuntimeContainer container = containerd.create(web(new Port("127.0.0.1", 0, 80, Protocol.TCP)));
        assertThat(container.endpoints().ports()).isEmpty();
        for (int run = 0; run < 2; run++) {
            container.prepare().start();
            Endpoints endpoints = container.endpoints();
            int hostPort = endpoints.ports().getFirst().hostPort();
            assertThat(endpoints.ports()).containsExactly(new Port("127.0.0.1", hostPort, 80, Protocol.TCP));
            awaitPage("127.0.0.1", hostPort);
            awaitPage(endpoints.address(), 80);
            end(container);
            assertThat(container.endpoints().ports()).isEmpty();
            assertThat(rules()).doesNotContain("--dport " + hostPort);
            bind(hostPort).close();
        }
        container.remove();
    }

    @Test
    void theNextServerHoldsWhatIsPublished() throws Exception {
        RuntimeContainer container = containerd.create(web(new Port("", 0, 80, Protocol.TCP)));
        container.prepare().start();
        int hostPort = container.endpoints().ports().getFirst().hostPort();
        awaitPage("127.0.0.1", hostPort);
        containerd.reconnect();
        RuntimeContainer found = containerd.runtime.recover(container.handle());
        assertThat(found.endpoints().ports()).containsExactly(new Port("", hostPort, 80, Protocol.TCP));
        awaitPage("127.0.0.1", hostPort);
        RuntimeContainer other = containerd.create(web(new Port("", hostPort, 80, Protocol.TCP)));
        assertCode(Code.FAILED_PRECONDITION, other::prepare)
                .hasMessageContaining("host port %d is in use".formatted(hostPort));
        end(found);
        found.remove();
        other.prepare().start();
        awaitPage("127.0.0.1", hostPort);
        end(other);
        other.remove();
    }

    @Test
    void aServerThatWasKilledInTheMiddleOfAStartKeepsNobodyFromThePort() throws Exception {
        int hostPort;
        try (ServerSocket free = bind(0)) {
            hostPort = free.getLocalPort();
        }
        Port wanted = new Port("127.0.0.1", hostPort, 80, Protocol.TCP);
        RuntimeContainer container = containerd.create(web(wanted));
        String id = Handle.containerId(container.handle());
        ContainerDirectory directory = ContainerDirectory.of(containerd.directory, id);
        var network = new BridgeNetwork(new CniPlugins(containerd.config.pluginDirectories()));
        for (boolean isCutOff : new boolean[] {false, true}) {
            network.publish(id, directory, List.of(wanted));
            if (isCutOff) {
                network.unpublish(id, directory);
                Files.writeString(directory.publishedPorts(), "[{");
            }
            containerd.reconnect();
            RuntimeContainer found = containerd.runtime.recover(container.handle());
            found.prepare().start();
            awaitPage("127.0.0.1", hostPort);
            end(found);
            assertThat(rules()).doesNotContain("--dport " + hostPort);
        }
        containerd.runtime.recover(container.handle()).remove();
    }

    /** busybox has no server for datagrams: the kernel counts those that nobody takes. */
    @Test
    void datagramsReachItToo() throws Exception {
        RuntimeContainer container = containerd.create(TestContainerd.spec(
                TestContainerd.process("sleep", "1000"), List.of(new Port("", 0, 53, Protocol.UDP))));
        container.prepare().start();
        int hostPort = container.endpoints().ports().getFirst().hostPort();
        String before = datagramsUntaken(container, "before");
        try (DatagramSocket socket = new DatagramSocket()) {
            byte[] data = "question".getBytes(StandardCharsets.UTF_8);
            socket.send(new DatagramPacket(data, data.length, InetAddress.getLoopbackAddress(), hostPort));
        }
        assertThat(before).isEqualTo("0");
        assertThat(datagramsUntaken(container, "after")).isEqualTo("1");
        end(container);
        container.remove();
    }

    private static String datagramsUntaken(RuntimeContainer container, String execId) {
        // Udp: InDatagrams NoPorts ...
        return TestContainerd.run(container.prepareExec(
                        execId, TestContainerd.shell("grep ^Udp: /proc/net/snmp | tail -n 1 | cut -d ' ' -f 3")))
                .stdout()
                .strip();
    }

    @Test
    void aPortThatCannotBeHadIsToldAndLeavesNothing() throws Exception {
        try (ServerSocket taken = bind(0)) {
            Port wanted = new Port("127.0.0.1", taken.getLocalPort(), 80, Protocol.TCP);
            RuntimeContainer container = containerd.create(web(new Port("", 0, 81, Protocol.TCP), wanted));
            assertCode(Code.FAILED_PRECONDITION, container::prepare)
                    .hasMessageContaining("port %s: host port %d is in use".formatted(wanted, taken.getLocalPort()));
            assertThat(container.process()).isEmpty();
            assertThat(container.endpoints().ports()).isEmpty();
            Path directory = containerd.directory.resolve("containers").resolve(Handle.containerId(container.handle()));
            assertThat(Files.exists(directory.resolve("init"))).isFalse();
            container.remove();
        }
        RuntimeContainer container = containerd.create(web(new Port("192.0.2.1", 0, 80, Protocol.TCP)));
        assertCode(Code.INVALID_ARGUMENT, container::prepare)
                .hasMessageContaining("address 192.0.2.1 (expected: one of the host's)");
        container.remove();
    }

    private static ContainerSpec web(Port... ports) {
        return TestContainerd.spec(TestContainerd.shell(WEB_SERVER), List.of(ports));
    }

    private static void end(RuntimeContainer container) throws Exception {
        RuntimeProcess process = container.process().orElseThrow();
        process.signal(9);
        TestContainerd.await(process.exit());
        process.delete();
    }

    private static ServerSocket bind(int port) throws Exception {
        ServerSocket socket = new ServerSocket();
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
        return socket;
    }

    private static void awaitPage(String address, int port) {
        Awaitility.await().ignoreExceptions().untilAsserted(() -> {
            try (InputStream in =
                    URI.create("http://%s:%d/".formatted(address, port)).toURL().openStream()) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("page\n");
            }
        });
    }

    private static String rules() throws Exception {
        Process process =
                new ProcessBuilder("iptables-save").redirectErrorStream(true).start();
        String rules = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return rules;
    }
}
