package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.net.httpserver.HttpServer;
import io.tailrace.runtime.containerd.TestContainerd.Run;
import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import io.tailrace.runtime.spi.ContainerSpec.NetworkMode;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeContainer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("containerd")
@ExtendWith(ContainerdExtension.class)
class NetworkTest {
    private final TestContainerd containerd;

    NetworkTest(TestContainerd containerd) {
        this.containerd = containerd;
    }

    private static ContainerSpec spec(NetworkMode network, ProcessSpec process) {
        return TestContainerd.spec(process, network, Limits.NONE, List.of(), false);
    }

    @Test
    void withoutANetworkThereIsLoopback() {
        Run run = containerd.run(spec(
                NetworkMode.NONE, TestContainerd.shell("ip -o addr; ping -c 1 127.0.0.1; hostname; cat /etc/hosts")));
        assertThat(run.stdout())
                .contains("127.0.0.1/8")
                .contains("1 packets received")
                .doesNotContain("eth0");
    }

    @Test
    void theHostsNetworkIsTheHosts() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("from the host".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        server.start();
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort();
            assertThat(containerd
                            .run(spec(NetworkMode.HOST, TestContainerd.process("wget", "-q", "-O", "-", url)))
                            .stdout())
                    .isEqualTo("from the host");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void onTheBridgeContainersReachTheHostAndAreReached() throws Exception {
        assumeThat(containerd.runtime.info().capabilities()).contains(Capability.NETWORK_BRIDGE);
        RuntimeContainer container = containerd.create(spec(
                NetworkMode.BRIDGE,
                TestContainerd.shell("mkdir /tmp/www; echo page > /tmp/www/index.html; httpd -f -p 80 -h /tmp/www")));
        container.prepare().start();
        String hosts = Files.readString(directoryOf(container).resolve("hosts"));
        String address = hosts.lines().toList().getLast().split("\t")[0];
        Awaitility.await()
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(fetch(address)).isEqualTo("page\n"));
        Run inside = TestContainerd.run(container.prepareExec(
                "look",
                TestContainerd.shell("ping -c 1 -W 2 $(ip route | head -1 | tr ' ' '\n' | head -3 | tail -1)")));
        assertThat(inside.stdout()).contains("1 packets received");
        Run card = TestContainerd.run(
                container.prepareExec("card", TestContainerd.shell("cat /sys/class/net/eth0/address")));
        assertThat(card.stdout().strip())
                .as("one that differs from the last container's there is asked for in vain for nine seconds")
                .isEqualTo(LinkPlugins.linkAddress(InetAddress.ofLiteral(address)));
        assertThat(container.usage().networkReceivedBytes()).isPositive();
        assertThat(container.usage().networkSentBytes()).isPositive();

        containerd.reconnect();
        RuntimeContainer found = containerd.runtime.recover(container.handle());
        assertThat(fetch(address)).isEqualTo("page\n");
        Path lease = Path.of("/run/tailrace/addresses/tailrace", address);
        assertThat(lease).exists();
        TestContainerd.end(found);
        assertThat(lease).doesNotExist();
        assertThat(firewallRules()).doesNotContain(address + "/");
    }

    @Test
    void aNamespaceThatARestartOfTheMachineRemovedIsMadeAgain() throws Exception {
        assumeThat(containerd.runtime.info().capabilities()).contains(Capability.NETWORK_BRIDGE);
        RuntimeContainer container =
                containerd.create(spec(NetworkMode.BRIDGE, TestContainerd.shell("ip -o addr show eth0")));
        Path namespace = directoryOf(container).resolve("netns");
        new BridgeNetwork(new CniPlugins(containerd.config.pluginDirectories()))
                .detach(Handle.containerId(container.handle()), new ContainerDirectory(namespace.getParent()));
        Files.createFile(namespace);
        assertThat(TestContainerd.run(container.prepare()).stdout()).contains("inet ");
        container.remove();
        assertThat(firewallRules()).doesNotContain(Handle.containerId(container.handle()));
        try (Stream<NetworkInterface> interfaces = NetworkInterface.networkInterfaces()) {
            assertThat(interfaces.map(NetworkInterface::getName)).contains(Bridge.DEFAULT.device());
        }
    }

    private Path directoryOf(RuntimeContainer container) {
        return containerd.directory.resolve("containers").resolve(Handle.containerId(container.handle()));
    }

    private static String fetch(String address) throws Exception {
        try (InputStream in = URI.create("http://" + address + "/").toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String firewallRules() throws Exception {
        Process process =
                new ProcessBuilder("iptables-save").redirectErrorStream(true).start();
        String rules = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return rules;
    }
}
