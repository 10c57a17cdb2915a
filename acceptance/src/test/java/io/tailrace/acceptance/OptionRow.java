package io.tailrace.acceptance;

import com.google.protobuf.Duration;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.api.v1.ArgumentList;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.ContainerSpec;
import io.tailrace.api.v1.Device;
import io.tailrace.api.v1.Dns;
import io.tailrace.api.v1.ExitReason;
import io.tailrace.api.v1.HostEntry;
import io.tailrace.api.v1.Limits;
import io.tailrace.api.v1.Mount;
import io.tailrace.api.v1.NetworkMode;
import io.tailrace.api.v1.Port;
import io.tailrace.api.v1.RestartPolicy;
import io.tailrace.api.v1.StopContainerRequest;
import io.tailrace.api.v1.TerminalSize;
import io.tailrace.api.v1.Ulimit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A row of the table of options: an option, a container that is asked for it, and what is seen of it where it holds.
 *
 * @param option its name, for people
 * @param spec asks for it
 * @param script that the container runs
 * @param seen what is to be looked at while it runs, or when it has ended
 * @param expected of that, where the option holds
 */
record OptionRow(String option, UnaryOperator<ContainerSpec.Builder> spec, String script, Seen seen, String expected) {
    private static final java.time.Duration LIMIT = java.time.Duration.ofSeconds(60);

    /** In a cgroup of version 1 or 2, as the container sees its own. */
    private static final String CGROUP = "cd /sys/fs/cgroup; cat %s/%s 2>/dev/null || cat %s";

    /** What is looked at. */
    @FunctionalInterface
    interface Seen {
        String of(TailraceServerProcess server, String id) throws Exception;
    }

    /**
     * "yes", or the error with which it is refused; empty if this machine does not let it be seen.
     *
     * @throws AssertionError if it is neither refused nor there
     */
    String on(TailraceServerProcess server) throws Exception {
        Container container;
        try {
            container = server.api().run(script, spec);
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
                return "UNSUPPORTED: `"
                        + String.valueOf(e.getStatus().getDescription()).replace("|", "/") + "`";
            }
            if (String.valueOf(e.getStatus().getDescription()).contains("unable to apply caps")) {
                return ""; // an engine gives the privileged all capabilities, and this machine has not all
            }
            throw new AssertionError(option + ": " + e.getMessage(), e);
        }
        try {
            String actual = seen.of(server, container.getId());
            if (!actual.equals(expected)) {
                throw new AssertionError("%s: %s (expected: %s)".formatted(option, actual, expected));
            }
            return "yes";
        } finally {
            if (!server.api().get(container.getId()).getStatus().getState().equals("removed")) {
                server.api().remove(container.getId());
            }
        }
    }

    /** What the process writes to stdout. */
    private static OptionRow row(
            String option, UnaryOperator<ContainerSpec.Builder> spec, String script, String expected) {
        return row(
                option,
                spec,
                script,
                (server, id) -> server.api().follow(id, "").stdoutText().strip(),
                expected);
    }

    private static OptionRow row(
            String option, UnaryOperator<ContainerSpec.Builder> spec, String script, Seen seen, String expected) {
        return new OptionRow(option, spec, script, seen, expected);
    }

    private static OptionRow limit(String option, Limits.Builder limits, String script, String expected) {
        return row(option, spec -> spec.setLimits(limits), script, expected);
    }

    private static OptionRow mount(String option, Mount.Builder mount, String script, String expected) {
        return row(option, spec -> spec.addMounts(mount), script, expected);
    }

    private static String capability(int number) {
        return "echo $(( (0x$(grep CapEff /proc/self/status | cut -f2) >> %d) & 1 ))".formatted(number);
    }

    private static String hostNetwork() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void awaitOutput(TailraceServerProcess server, String id) {
        Waiting.until(
                "the container to write",
                LIMIT,
                () -> server.api().get(id).getStatus().getStdoutLength() > 0);
    }

    private static Seen reason() {
        return (server, id) -> server.api().follow(id, "").exit().getReason().name();
    }

    private static Mount.Builder bind(String source) {
        return Mount.newBuilder()
                .setType(Mount.Type.TYPE_BIND)
                .setSource(source)
                .setTarget("/x");
    }

    /** All, in the order of the table. An option that is added has its row here. */
    static List<OptionRow> all() {
        return List.of(
                row("command", spec -> spec, "echo it runs", "it runs"),
                row(
                        "entrypoint",
                        spec -> spec.setEntrypoint(
                                ArgumentList.newBuilder().addArguments("echo").addArguments("before")),
                        "x",
                        "before sh -c x"),
                row("environment", spec -> spec.putEnvironment("WHO", "me"), "echo $WHO", "me"),
                row("working directory", spec -> spec.setWorkingDirectory("/tmp"), "pwd", "/tmp"),
                row("user", spec -> spec.setUser("7:8"), "echo $(id -u) $(id -g)", "7 8"),
                row("groups", spec -> spec.addGroups("1234"), "id -G | grep -o 1234", "1234"),
                row("hostname", spec -> spec.setHostname("box"), "hostname", "box"),
                row(
                        "labels",
                        spec -> spec.putLabels("app", "web"),
                        "",
                        (server, id) ->
                                server.api().get(id).getSpec().getLabelsMap().toString(),
                        "{app=web}"),
                row(
                        "stdin",
                        spec -> spec.setStdin(true),
                        "read line; echo got $line",
                        (server, id) -> {
                            server.api().tell(id, "it\n");
                            return server.api().follow(id, "").stdoutText().strip();
                        },
                        "got it"),
                row(
                        "terminal and its size",
                        spec -> spec.setTty(true)
                                .setTerminalSize(TerminalSize.newBuilder()
                                        .setColumns(100)
                                        .setRows(30)),
                        "until [ \"$(stty size 2>/dev/null)\" = '30 100' ]; do sleep 0.1; done; echo fits",
                        "fits"),
                row(
                        "privileged",
                        spec -> spec.setPrivileged(true),
                        "grep ' /sys sysfs ' /proc/mounts | cut -d' ' -f4 | cut -c1-2",
                        "rw"),
                row("added capabilities", spec -> spec.addAddedCapabilities("NET_ADMIN"), capability(12), "1"),
                row("dropped capabilities", spec -> spec.addDroppedCapabilities("CHOWN"), capability(0), "0"),
                row(
                        "no new privileges",
                        spec -> spec.setNoNewPrivileges(true),
                        "grep NoNewPrivs /proc/self/status | cut -f2",
                        "1"),
                row(
                        "ulimits",
                        spec -> spec.addUlimits(Ulimit.newBuilder()
                                .setName("nofile")
                                .setSoft(123)
                                .setHard(456)),
                        "echo $(ulimit -Sn) $(ulimit -Hn)",
                        "123 456"),
                row(
                        "init program",
                        spec -> spec.setInit(true),
                        "[ $$ = 1 ] || echo it is not pid 1",
                        "it is not pid 1"),
                row("network none", spec -> spec, "ls /sys/class/net | grep -c eth", "0"),
                row(
                        "network host",
                        spec -> spec.setNetwork(NetworkMode.NETWORK_MODE_HOST),
                        "readlink /proc/self/ns/net",
                        hostNetwork()),
                row(
                        "network bridge",
                        spec -> spec.setNetwork(NetworkMode.NETWORK_MODE_BRIDGE),
                        "ip -4 addr show eth0 | grep -c inet",
                        "1"),
                row(
                        "published ports",
                        spec -> spec.setNetwork(NetworkMode.NETWORK_MODE_BRIDGE)
                                .addPorts(Port.newBuilder()
                                        .setHostAddress("127.0.0.1")
                                        .setPort(80)),
                        "sleep 600",
                        (server, id) ->
                                server.api().get(id).getPorts(0).getHostPort() > 0 ? "published" : "not published",
                        "published"),
                row(
                        "hosts",
                        spec -> spec.addHosts(
                                HostEntry.newBuilder().setName("db").setAddress("192.0.2.7")),
                        "grep db /etc/hosts | cut -f1",
                        "192.0.2.7"),
                row(
                        "hosts: host-gateway",
                        spec -> spec.setNetwork(NetworkMode.NETWORK_MODE_BRIDGE)
                                .addHosts(HostEntry.newBuilder().setName("up").setAddress("host-gateway")),
                        "grep up /etc/hosts | grep -cE '^10\\.|^172\\.|^192\\.'",
                        "1"),
                row(
                        "DNS servers, searches, options",
                        spec -> spec.setDns(Dns.newBuilder()
                                .addServers("192.0.2.53")
                                .addSearches("example.com")
                                .addOptions("ndots:2")),
                        "echo $(grep -E '^(nameserver|search|options)' /etc/resolv.conf | sort)",
                        "nameserver 192.0.2.53 options ndots:2 search example.com"),
                mount("bind", bind("/proc/sys/kernel/ostype"), "cat /x", "Linux"),
                mount(
                        "bind, read-only",
                        bind("/usr").setReadOnly(true),
                        "touch /x/file 2>/dev/null || echo refused",
                        "refused"),
                mount(
                        "bind, its propagation",
                        bind("/usr").addOptions("rprivate"),
                        "grep ' /x ' /proc/self/mountinfo | grep -cE 'master:|shared:'",
                        "0"),
                mount(
                        "tmpfs with options",
                        Mount.newBuilder()
                                .setType(Mount.Type.TYPE_TMPFS)
                                .setTarget("/x")
                                .addOptions("mode=700"),
                        "stat -c %a /x",
                        "700"),
                row(
                        "read-only root",
                        spec -> spec.setReadOnlyRoot(true),
                        "touch /file 2>/dev/null || echo refused",
                        "refused"),
                row(
                        "devices",
                        spec -> spec.addDevices(Device.newBuilder()
                                .setSource("/dev/loop-control")
                                .setTarget("/dev/mine")
                                .setAccess("r")),
                        "(: < /dev/mine) && echo readable",
                        "readable"),
                limit(
                        "limit of memory",
                        Limits.newBuilder().setMemoryBytes(64 << 20),
                        CGROUP.formatted("memory", "memory.limit_in_bytes", "memory.max"),
                        Integer.toString(64 << 20)),
                limit(
                        "limit of processors",
                        Limits.newBuilder().setCpuNanos(500_000_000),
                        CGROUP.formatted("cpu", "cpu.cfs_quota_us", "cpu.max"),
                        "50000"),
                limit(
                        "share of processors",
                        Limits.newBuilder().setCpuShares(512),
                        CGROUP.formatted("cpu", "cpu.shares", "cpu.weight"),
                        "512"),
                limit(
                        "choice of processors",
                        Limits.newBuilder().setCpus("0"),
                        "grep Cpus_allowed_list /proc/self/status | cut -f2",
                        "0"),
                limit(
                        "limit of processes",
                        Limits.newBuilder().setPids(77),
                        CGROUP.formatted("pids", "pids.max", "pids.max"),
                        "77"),
                row(
                        "stop signal",
                        spec -> spec.setStopSignal("USR1"),
                        "trap 'echo usr1; exit 0' USR1; echo ready; while :; do sleep 0.1; done",
                        (server, id) -> {
                            awaitOutput(server, id);
                            server.api()
                                    .containers()
                                    .stop(StopContainerRequest.newBuilder()
                                            .setContainer(id)
                                            .build());
                            return server.api()
                                    .follow(id, "")
                                    .stdoutText()
                                    .replace('\n', ' ')
                                    .strip();
                        },
                        "ready usr1"),
                row(
                        "stop grace",
                        spec -> spec.setStopGrace(Duration.newBuilder().setNanos(1_000_000)),
                        "trap '' TERM; echo ready; while :; do sleep 0.1; done",
                        (server, id) -> {
                            awaitOutput(server, id);
                            server.api()
                                    .containers()
                                    .stop(StopContainerRequest.newBuilder()
                                            .setContainer(id)
                                            .build());
                            return Integer.toString(
                                    server.api().follow(id, "").exit().getSignal());
                        },
                        "9"),
                row(
                        "time-out",
                        spec -> spec.setTimeout(Duration.newBuilder().setSeconds(1))
                                .setStopGrace(Duration.newBuilder().setNanos(1_000_000)),
                        "sleep 600",
                        reason(),
                        ExitReason.EXIT_REASON_TIMED_OUT.name()),
                row(
                        "restart policy",
                        spec -> spec.setRestart(RestartPolicy.newBuilder()
                                .setKind(RestartPolicy.Kind.KIND_ON_FAILURE)
                                .setRetriesMax(1)),
                        "echo run; exit 1",
                        (server, id) -> {
                            Waiting.until(
                                    "two runs",
                                    LIMIT,
                                    () -> server.api()
                                            .get(id)
                                            .getStatus()
                                            .getState()
                                            .equals("exited"));
                            return server.api()
                                    .follow(id, "")
                                    .stdoutText()
                                    .replace('\n', ' ')
                                    .strip();
                        },
                        "run run"),
                row(
                        "auto-remove",
                        spec -> spec.setAutoRemove(true),
                        "exit 0",
                        (server, id) -> {
                            Waiting.until(
                                    "its removal",
                                    LIMIT,
                                    () -> server.api()
                                            .get(id)
                                            .getStatus()
                                            .getState()
                                            .equals("removed"));
                            return "removed";
                        },
                        "removed"));
    }
}
