package io.tailrace.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Port;
import io.tailrace.runtime.spi.ContainerSpec.Port.Protocol;
import io.tailrace.runtime.spi.Endpoints;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("docker")
@Timeout(180)
@ExtendWith(DockerdExtension.class)
class PublishedPortsTest {
    private static final long PATIENCE_SECONDS = 60;
    private static final String WEB_SERVER =
            "mkdir -p /tmp/www; echo page > /tmp/www/index.html; exec httpd -f -p 80 -h /tmp/www";

    private final TestDockerd dockerd;
    private DockerRuntime runtime;

    PublishedPortsTest(TestDockerd dockerd) {
        this.dockerd = dockerd;
        runtime = dockerd.connect();
    }

    @BeforeEach
    void needsABridge() {
        assumeThat(runtime.info().capabilities()).contains(Capability.NETWORK_BRIDGE);
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    @Test
    void aWebServerIsNotReachedAtTheHostsPortOrNotInTheNextRunOrByTheNextServer() throws Exception {
        RuntimeContainer container = create(WEB_SERVER, new Port("127.0.0.1", 0, 80, Protocol.TCP));
        assertThat(container.endpoints()).isEqualTo(Endpoints.NONE);
        for (int run = 0; run < 2; run++) {
            container.prepare().start();
            Endpoints endpoints = container.endpoints();
            int hostPort = endpoints.ports().getFirst().hostPort();
            assertThat(endpoints.ports()).containsExactly(new Port("127.0.0.1", hostPort, 80, Protocol.TCP));
            awaitPage("127.0.0.1", hostPort);
            awaitPage(endpoints.address(), 80);
            runtime.close();
            runtime = dockerd.connect();
            container = runtime.recover(container.handle());
            assertThat(container.endpoints()).isEqualTo(endpoints);
            end(container);
            assertThat(container.endpoints()).isEqualTo(Endpoints.NONE);
        }
        container.remove();
    }

    @Test
    void aPortThatIsTakenIsHiddenOrKeptByAContainerThatCouldNotStart() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int hostPort = taken.getLocalPort();
            Port wanted = new Port("127.0.0.1", hostPort, 80, Protocol.TCP);
            RuntimeContainer container = create(WEB_SERVER, new Port("", 0, 81, Protocol.TCP), wanted);
            RuntimeProcess process = container.prepare();
            assertThatThrownBy(process::start)
                    .hasMessage("port %s: host port %d is in use (expected: a free one)".formatted(wanted, hostPort))
                    .extracting("code")
                    .isEqualTo(Code.FAILED_PRECONDITION);
            process.delete();
            taken.close();
            container.prepare().start();
            assertThat(container.endpoints().ports()).hasSize(2).contains(wanted);
            awaitPage("127.0.0.1", hostPort);
            end(container);
            container.remove();
        }
    }

    @Test
    void anAddressThatIsNotTheHostsIsTakenForAFaultOfTheServer() {
        RuntimeContainer container = create(WEB_SERVER, new Port("192.0.2.1", 0, 80, Protocol.TCP));
        RuntimeProcess process = container.prepare();
        assertThatThrownBy(process::start)
                .hasMessageContaining("192.0.2.1")
                .extracting("code")
                .isEqualTo(Code.INVALID_ARGUMENT);
        process.delete();
        container.remove();
    }

    /** busybox has no server for datagrams: the kernel counts those that nobody takes. */
    @Test
    void datagramsDoNotReachIt() throws Exception {
        RuntimeContainer container = create(
                "echo up; while grep -q '^Udp: [0-9]* 0 ' /proc/net/snmp; do sleep 0.1; done; echo came",
                new Port("", 0, 53, Protocol.UDP));
        RuntimeProcess process = container.prepare();
        process.start();
        InputStream out = Channels.newInputStream(
                ((ProcessOutput.Kept) process.stdout()).source().open(0));
        assertThat(out.readNBytes(3)).asString().isEqualTo("up\n");
        Port port = container.endpoints().ports().getFirst();
        assertThat(port).isEqualTo(new Port("", port.hostPort(), 53, Protocol.UDP));
        byte[] data = "question".getBytes(StandardCharsets.UTF_8);
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.send(new DatagramPacket(data, data.length, InetAddress.getLoopbackAddress(), port.hostPort()));
        }
        assertThat(out.readAllBytes()).asString().isEqualTo("came\n");
        process.exit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        process.delete();
        container.remove();
    }

    private RuntimeContainer create(String script, Port... ports) {
        ContainerSpec plain =
                ContainerSpec.of(TestDockerd.newId(), TestDockerd.IMAGE, ProcessSpec.of(List.of("sh", "-c", script)));
        return runtime.create(new ContainerSpec(
                plain.id(),
                plain.image(),
                plain.process(),
                "",
                ContainerSpec.NetworkMode.BRIDGE,
                List.of(),
                ContainerSpec.Dns.DEFAULT,
                List.of(ports),
                List.of(),
                false,
                false,
                ContainerSpec.Limits.NONE,
                List.of(),
                Map.of(),
                List.of()));
    }

    private static void end(RuntimeContainer container) throws Exception {
        RuntimeProcess process = container.process().orElseThrow();
        process.signal(9);
        process.exit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        process.delete();
    }

    private static void awaitPage(String address, int port) throws Exception {
        long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            try (InputStream in =
                    URI.create("http://%s:%d/".formatted(address, port)).toURL().openStream()) {
                assertThat(in.readAllBytes()).asString().isEqualTo("page\n");
                return;
            } catch (IOException e) {
                if (System.nanoTime() - untilNanos > 0) {
                    throw e;
                }
                Thread.sleep(100);
            }
        }
    }
}
