package io.tailrace.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Device;
import io.tailrace.runtime.spi.ContainerSpec.HostEntry;
import io.tailrace.runtime.spi.ContainerSpec.Mount;
import io.tailrace.runtime.spi.ContainerSpec.NetworkMode;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is wrong is named by the call that makes the container, as far as it can be known then. */
@Tag("docker")
@Timeout(120)
@ExtendWith(DockerdExtension.class)
class RefusedOptionsTest {
    private static final List<HostEntry> GATEWAY = List.of(new HostEntry("up", HostEntry.GATEWAY));

    private final TestDockerd dockerd;
    private final DockerRuntime runtime;

    RefusedOptionsTest(TestDockerd dockerd) {
        this.dockerd = dockerd;
        runtime = dockerd.connect();
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    private static ContainerSpec spec(
            NetworkMode network, List<HostEntry> hosts, List<Mount> mounts, List<Device> devices) {
        ProcessSpec process = ProcessSpec.of(List.of("sh", "-c", "grep up /etc/hosts"));
        ContainerSpec plain = ContainerSpec.of(TestDockerd.newId(), TestDockerd.IMAGE, process);
        return new ContainerSpec(
                plain.id(),
                plain.image(),
                process,
                "",
                network,
                hosts,
                ContainerSpec.Dns.DEFAULT,
                List.of(),
                mounts,
                false,
                false,
                ContainerSpec.Limits.NONE,
                devices,
                Map.of(),
                List.of());
    }

    private void assertRefused(ContainerSpec spec, String message) {
        assertThatThrownBy(() -> runtime.create(spec))
                .hasMessageStartingWith(message)
                .extracting("code")
                .isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(runtime.handles()).isEmpty();
    }

    @Test
    void aPathThatIsNotThereIsToldInTheEnginesWords() {
        Mount mount = new Mount(Mount.Type.BIND, "/no/such/path", "/x", false, 0, List.of());
        assertRefused(
                spec(NetworkMode.NONE, List.of(), List.of(mount), List.of()),
                "mount source: /no/such/path (expected: ");
    }

    @Test
    void aDeviceThatIsNotThereLeavesAContainer() {
        Device device = new Device("/dev/no-such-device", "/dev/mine", "r");
        assertRefused(
                spec(NetworkMode.NONE, List.of(), List.of(), List.of(device)),
                "device: /dev/no-such-device (expected: ");
    }

    @Test
    void theHostHasAnAddressWithoutANetwork() {
        assertRefused(spec(NetworkMode.NONE, GATEWAY, List.of(), List.of()), "host up: host-gateway (expected: ");
    }

    @Test
    void theHostHasNoAddressOnTheBridge() throws Exception {
        assumeThat(runtime.info().capabilities()).contains(Capability.NETWORK_BRIDGE);
        ContainerSpec sleeping = ContainerSpec.of(
                TestDockerd.newId(), TestDockerd.IMAGE, ProcessSpec.of(List.of("sh", "-c", "sleep 1000")));
        RuntimeContainer running = runtime.create(sleeping);
        running.prepare().start();
        dockerd.killAndRestart();
        RuntimeContainer container = runtime.create(spec(NetworkMode.BRIDGE, GATEWAY, List.of(), List.of()));
        RuntimeProcess process = container.prepare();
        process.start();
        String hosts = new String(
                Channels.newInputStream(
                                ((ProcessOutput.Kept) process.stdout()).source().open(0))
                        .readAllBytes(),
                StandardCharsets.US_ASCII);
        assertThat(hosts).matches("10\\.[0-9.]+\\.1\tup\n");
        process.exit().get(1, TimeUnit.MINUTES);
        process.delete();
        container.remove();
        RuntimeProcess sleeper = running.process().orElseThrow();
        sleeper.signal(9);
        sleeper.exit().get(1, TimeUnit.MINUTES);
        sleeper.delete();
        running.remove();
    }

    @Test
    void anEngineWithoutABridgeWritesAnAddressThatIsNone() {
        EngineFacts engine = new EngineFacts(Path.of("/"), true, true, true);
        ContainerSpec spec = spec(NetworkMode.HOST, GATEWAY, List.of(), List.of());
        assertThatThrownBy(() -> SpecCheck.check(spec, EnumSet.noneOf(Capability.class), engine))
                .hasMessageStartingWith("host up: host-gateway (expected: ")
                .extracting("code")
                .isEqualTo(Code.UNSUPPORTED);
    }
}
