package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.runtime.spi.ContainerSpec.Device;
import io.tailrace.runtime.spi.ContainerSpec.Dns;
import io.tailrace.runtime.spi.ContainerSpec.HostEntry;
import io.tailrace.runtime.spi.ContainerSpec.Mount;
import io.tailrace.runtime.spi.ContainerSpec.Port;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.ProcessSpec.Ulimit;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What can be asked of a container: refused by name where it is wrong, else handed to the runtime and to its execs. */
class OptionsTest {
    private static final List<String> NONE = List.of();

    @Test
    void whatIsWrongIsNamedWithWhatWasExpected() {
        wrong(new Request("x").groups(""), "group: empty (expected: a name or a number)");
        wrong(new Request("x").hosts(new HostEntry("a b", "10.0.0.1")), "host: a b (expected: a host name)");
        for (String address : List.of("", "300.0.0.1", "10.1", "1:2", "fe80::1%eth0", "db")) {
            wrong(new Request("x").hosts(new HostEntry("db", address)), "host db: ");
        }
        wrong(new Request("x").dns(dns(List.of("ns1"), NONE, NONE)), "dns server: ns1 (expected: an IPv4 or IPv6");
        wrong(
                new Request("x").dns(dns(List.of("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"), NONE, NONE)),
                "dns servers: 4 (expected: at most 3)");
        wrong(new Request("x").dns(dns(NONE, List.of("a\nnameserver 6.6.6.6"), NONE)), "dns search: ");
        wrong(new Request("x").dns(dns(NONE, List.of(".", "example.com"), NONE)), "dns search: .");
        wrong(new Request("x").dns(dns(NONE, NONE, List.of("NDOTS 2"))), "dns option: NDOTS 2 (expected: such as");
        wrong(new Request("x").ports(port("", 80, 0)), "port: 0 (expected: 1 to 65535)");
        wrong(new Request("x").ports(port("", 65_536, 80)), "host port: 65536 (expected: 0 to 65535)");
        wrong(new Request("x").ports(port("", -1, 80)), "host port: -1 (expected: 0 to 65535)");
        wrong(new Request("x").ports(port("host", 80, 80)), "host address of port 80: host (expected: an IPv4");
        wrong(new Request("x").ports(port("::1", 80, 80)), "host address of port 80: ::1 (expected: an IPv4");
        wrong(new Request("x").ports(port("", 80, 80), port("", 80, 81)), "host port: 80 (expected: each once)");
        wrong(new Request("x").mounts(bind("rw,rslave")), "mount option: rw,rslave (expected: private, rprivate");
        wrong(new Request("x").mounts(bind("shared", "slave")), "mount options: [shared, slave] (expected: of a bind");
        wrong(
                new Request("x").mounts(new Mount(Mount.Type.TMPFS, "", "/t", false, 0, List.of("mode=888"))),
                "mount option: mode=888 (expected: exec, noexec");
        wrong(new Request("x").devices(new Device("null", "/dev/null", "r")), "device: null (expected: an absolute");
        wrong(
                new Request("x").devices(new Device("/dev/null", "", "r")),
                "device target: empty (expected: an absolute");
        for (String access : List.of("", "x", "rr", "rwmr")) {
            wrong(new Request("x").devices(new Device("/dev/null", "/dev/null", access)), "device access: ");
        }
        wrong(new Request("x").ulimits(new Ulimit("files", 1, 1)), "ulimit: files (expected: one of [as, core, cpu,");
        wrong(
                new Request("x").ulimits(new Ulimit("core", 2, 1)),
                "ulimit core: 2 (expected: at most the hard limit, 1)");
        wrong(new Request("x").ulimits(new Ulimit("core", -1, 1)), "ulimit core: -1 (expected: at most the hard limit");
        wrong(new Request("x").ulimits(new Ulimit("core", -2, -1)), "ulimit core: -2 (expected: >= 0, or -1 for none)");
        wrong(
                new Request("x").ulimits(new Ulimit("core", 1, 1), new Ulimit("core", 2, 2)),
                "ulimit: core (expected: each once)");
    }

    @Test
    void anExecHasTheGroupsAndLimitsOfItsContainer() {
        NewContainer request = new Request("x")
                .groups("7")
                .ulimits(new Ulimit("nofile", 10, -1))
                .build();
        Checks.container(request);
        ProcessSpec init = new ProcessSpec(
                request.command(),
                NONE,
                "/",
                "",
                request.groups(),
                false,
                null,
                false,
                NONE,
                NONE,
                true,
                request.ulimits());
        ProcessSpec exec = ProcessDefaults.exec(TestEngine.newExec("e", "true"), init);
        assertThat(exec.groups()).containsExactly("7");
        assertThat(exec.ulimits()).containsExactly(new Ulimit("nofile", 10, -1));
        assertThat(exec.isNoNewPrivileges()).isTrue();
    }

    /** As versions wrote it that did not know these options. */
    @Test
    void aRequestOfAnEarlierVersionCanBeRead() {
        NewContainer request = new Request("x").build();
        String earlier = Json.write(request)
                .replaceFirst("\"groups\":\\[],", "")
                .replaceFirst("\"hosts\":\\[],", "")
                .replaceFirst("\"dns\":\\{[^}]*},", "")
                .replaceFirst("\"ports\":\\[],", "")
                .replaceFirst("\"devices\":\\[],", "")
                .replaceFirst("\"ulimits\":\\[],", "");
        assertThat(earlier).doesNotContain("groups", "hosts", "dns", "ports", "devices", "ulimits");
        assertThat(Json.read(earlier, NewContainer.class)).isEqualTo(request);
    }

    private static Mount bind(String... options) {
        return new Mount(Mount.Type.BIND, "/a", "/b", false, 0, List.of(options));
    }

    private static Port port(String hostAddress, int hostPort, int port) {
        return new Port(hostAddress, hostPort, port, Port.Protocol.TCP);
    }

    private static Dns dns(List<String> servers, List<String> searches, List<String> options) {
        return new Dns(servers, searches, options);
    }

    private static void wrong(Request request, String message) {
        assertThatThrownBy(() -> Checks.container(request.build()))
                .hasMessageStartingWith(message)
                .extracting("code")
                .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
}
