package io.tailrace.acceptance;

import static io.tailrace.acceptance.OptionRow.row;

import io.tailrace.api.v1.ArgumentList;
import io.tailrace.api.v1.Limits;
import io.tailrace.api.v1.TerminalSize;
import io.tailrace.api.v1.Ulimit;
import java.util.List;

/** Rows of the table of options: what the process is, may do, and may use. */
final class ProcessOptions {
    /** In a cgroup of version 1 or 2, as the container sees its own. */
    private static final String CGROUP = "cd /sys/fs/cgroup; cat %s/%s 2>/dev/null || cat %s";

    private static final String PLATFORM =
            "linux/" + (System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64");

    /** All of them, in the order of the table. An option that is added has its row here. */
    static List<OptionRow> all() {
        return List.of(
                row("image", spec -> spec.setImage("busybox:latest"), "echo it runs", "it runs"),
                row("platform", spec -> spec.setPlatform(PLATFORM), "uname -s", "Linux"),
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
                        "stdin, once",
                        spec -> spec.setStdin(true).setStdinOnce(true),
                        "cat; echo end",
                        (server, id) -> {
                            server.api().tell(id, "it\n");
                            return OptionRow.line(server.api().follow(id, "").stdoutText());
                        },
                        "it end"),
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
                limit(
                        "limit of memory",
                        Limits.newBuilder().setMemoryBytes(64 << 20),
                        CGROUP.formatted("memory", "memory.limit_in_bytes", "memory.max"),
                        Integer.toString(64 << 20)),
                limit(
                        "limit of memory and swap",
                        Limits.newBuilder().setMemoryBytes(64 << 20).setMemorySwapBytes(96 << 20),
                        "cd /sys/fs/cgroup; cat memory/memory.memsw.limit_in_bytes 2>/dev/null"
                                + " || echo $(($(cat memory.max) + $(cat memory.swap.max)))",
                        Integer.toString(96 << 20)),
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
                        "77"));
    }

    private static OptionRow limit(String option, Limits.Builder limits, String script, String expected) {
        return row(option, spec -> spec.setLimits(limits), script, expected);
    }

    private static String capability(int number) {
        return "echo $(( (0x$(grep CapEff /proc/self/status | cut -f2) >> %d) & 1 ))".formatted(number);
    }

    private ProcessOptions() {}
}
