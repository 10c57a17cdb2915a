package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tailrace.api.v1.ExitReason;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** docker's flags for what a container sees and may do, from the command line to the process. */
@Acceptance
class OptionsTest {
    private final TailraceServerProcess server;

    OptionsTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    void whatIsAskedForIsWhatTheProcessAndItsExecsSee() throws IOException {
        server.run(
                        "run",
                        "-d",
                        "--name=options",
                        "--network=none",
                        "--add-host=db:192.0.2.7",
                        "--dns=192.0.2.53",
                        "--dns-search=example.com",
                        "--dns-option=ndots:2",
                        "--device=/dev/loop-control:/dev/mine:r",
                        "--init",
                        "--security-opt=no-new-privileges",
                        "--group-add=1234",
                        "--ulimit=nofile=123:456",
                        "--tmpfs=/scratch:size=1m,mode=700",
                        "busybox",
                        "sleep",
                        "1000")
                .succeeded();
        String script = """
                cat /proc/1/cmdline | tr '\\0' ' '; echo
                grep db /etc/hosts
                cat /etc/resolv.conf
                (: < /dev/mine) && echo readable
                grep NoNewPrivs /proc/self/status
                id -G | grep -o 1234
                awk '/open files/ {print $4, $5}' /proc/1/limits
                ulimit -Hn
                stat -c %a /scratch
                """;
        assertThat(server.run("exec", "options", "sh", "-c", script).succeeded().stdout())
                .isEqualTo(initAndNames() + """
                        readable
                        NoNewPrivs:\t1
                        1234
                        123 456
                        456
                        700
                        """);
        JsonNode inspected = new ObjectMapper()
                .readTree(server.run("inspect", "options").succeeded().stdout());
        JsonNode container = inspected.isArray() ? inspected.get(0) : inspected;
        assertThat(container.findValue("hosts").get(0).path("address").asText()).isEqualTo("192.0.2.7");
        assertThat(container.findValue("ulimits").get(0).path("hard").asLong()).isEqualTo(456);
        server.run("rm", "-f", "options").succeeded();
    }

    /** An engine has an init program of its own, and another order of resolv.conf. */
    private String initAndNames() {
        return server.isOnDocker() ? """
                        /sbin/docker-init -- sleep 1000\s
                        192.0.2.7\tdb
                        search example.com
                        nameserver 192.0.2.53
                        options ndots:2
                        """ : """
                        /dev/init -- sleep 1000\s
                        192.0.2.7\tdb
                        nameserver 192.0.2.53
                        search example.com
                        options ndots:2
                        """;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --tmpfs=/x:huge                    | mount option: huge
            --volume=/tmp:/x:sideways          | mount option: sideways
            --volume=/no/such/path:/x          | mount source: /no/such/path
            --device=/dev/no-such-device       | device: /dev/no-such-device
            --device=/tmp/x:/dev/x:rwx         | device access: rwx
            --group-add=no-such-group          | group: no-such-group
            --ulimit=files=3                   | ulimit: files
            --ulimit=nofile=9:3                | ulimit nofile: 9
            --add-host=db:nowhere              | host db: nowhere
            --add-host=db:host-gateway         | host db: host-gateway
            --dns=resolver                     | dns server: resolver
            --dns-search=a/b                   | dns search: a/b
            --dns-option=NDOTS                 | dns option: NDOTS
            """)
    void whatIsWrongIsNamedAndLeavesNothing(String option, String message) {
        String before = containers();
        Command.Result refused = server.run("run", "--network=none", option, "busybox", "true");
        assertThat(refused.exitCode()).isEqualTo(125);
        assertThat(refused.stderr()).startsWith("tailrace: " + message + " (expected: ");
        if (server.isOnDocker() && option.startsWith("--group-add")) {
            removeNotStarted(before);
        }
        assertThat(containers()).isEqualTo(before);
    }

    /** An engine knows the groups of an image when it starts a container: that stays, as one that could not be started. */
    private void removeNotStarted(String before) {
        List<String> left =
                containers().lines().filter(id -> !before.contains(id)).toList();
        assertThat(left).hasSize(1);
        assertThat(server.api().get(left.getFirst()).getStatus().getExit().getReason())
                .isEqualTo(ExitReason.EXIT_REASON_START_FAILED);
        server.run("rm", left.getFirst()).succeeded();
    }

    private String containers() {
        return server.run("ps", "-a", "-q").succeeded().stdout();
    }
}
