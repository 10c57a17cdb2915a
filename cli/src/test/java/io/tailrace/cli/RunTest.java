package io.tailrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.api.v1.ContainerSpec;
import io.tailrace.api.v1.ExitReason;
import io.tailrace.api.v1.Mount;
import io.tailrace.api.v1.NetworkAttachment;
import io.tailrace.api.v1.NetworkMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunTest {
    private FakeServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.close();
    }

    @Test
    void streamsComeOutApartAndTheCodeIsTheContainers() {
        var run = Invocation.of(server.out("out 1\nout").err("err").exit(7), "run", "busybox", "true");
        assertThat(run.out()).isEqualTo("out 1\nout");
        assertThat(run.err()).isEqualTo("err");
        assertThat(run.code()).isEqualTo(7);
    }

    @Test
    void bytesAreExact() {
        var bytes = new byte[] {0, (byte) 0xff, (byte) 0xfe, '\r', '\n', (byte) 0xc3};
        assertThat(Invocation.of(server.out(bytes).exit(0), "run", "busybox").outBytes())
                .isEqualTo(bytes);
    }

    @Test
    void optionsStopAtTheImage() {
        spec("run", "--rm", "-i", "busybox", "sh", "-c", "echo --name x", "--rm", "-d", "@file", "--help");
        var request = server.creates.getFirst();
        assertThat(request.getName()).isEmpty();
        assertThat(request.getSpec().getCommandList())
                .containsExactly("sh", "-c", "echo --name x", "--rm", "-d", "@file", "--help");
        assertThat(request.getSpec().getAutoRemove()).isTrue();
        assertThat(request.getStart()).isTrue();
    }

    @Test
    void shortOptionsMayStandTogether() {
        var spec = spec("create", "-it", "busybox");
        assertThat(spec.getStdin()).isTrue();
        assertThat(spec.getTty()).isTrue();
        assertThat(spec.getTerminalSize().getColumns()).isEqualTo(80);
    }

    @Test
    void flagsMeanWhatTheyMeanInDocker() {
        var spec = spec(
                "create",
                "-e",
                "A=1",
                "-e",
                "B=x=y",
                "--env=C=",
                "-w",
                "/work",
                "-u",
                "1:2",
                "-h",
                "host",
                "--network",
                "none",
                "-m",
                "64m",
                "--memory-swap",
                "-1",
                "--cpus",
                "1.5",
                "--cpu-shares",
                "512",
                "--cpuset-cpus",
                "0-1",
                "--pids-limit",
                "9",
                "-l",
                "k=v",
                "-l",
                "bare",
                "--entrypoint",
                "/bin/sh",
                "--privileged",
                "--cap-add",
                "NET_ADMIN",
                "--cap-drop",
                "ALL",
                "--stop-signal",
                "INT",
                "--stop-timeout",
                "3",
                "--timeout",
                "1m30s",
                "--read-only",
                "busybox");
        assertThat(spec.getEnvironmentMap())
                .containsEntry("A", "1")
                .containsEntry("B", "x=y")
                .containsEntry("C", "");
        assertThat(spec.getWorkingDirectory()).isEqualTo("/work");
        assertThat(spec.getUser()).isEqualTo("1:2");
        assertThat(spec.getHostname()).isEqualTo("host");
        assertThat(spec.getNetwork()).isEqualTo(NetworkMode.NETWORK_MODE_NONE);
        assertThat(spec.getLimits().getMemoryBytes()).isEqualTo(64L << 20);
        assertThat(spec.getLimits().getMemorySwapBytes()).isEqualTo(-1);
        assertThat(spec.getLimits().getCpuNanos()).isEqualTo(1_500_000_000);
        assertThat(spec.getLimits().getCpuShares()).isEqualTo(512);
        assertThat(spec.getLimits().getCpus()).isEqualTo("0-1");
        assertThat(spec.getLimits().getPids()).isEqualTo(9);
        assertThat(spec.getLabelsMap()).containsEntry("k", "v").containsEntry("bare", "");
        assertThat(spec.getEntrypoint().getArgumentsList()).containsExactly("/bin/sh");
        assertThat(spec.getPrivileged()).isTrue();
        assertThat(spec.getAddedCapabilitiesList()).containsExactly("NET_ADMIN");
        assertThat(spec.getDroppedCapabilitiesList()).containsExactly("ALL");
        assertThat(spec.getStopSignal()).isEqualTo("INT");
        assertThat(spec.getStopGrace().getSeconds()).isEqualTo(3);
        assertThat(spec.getTimeout().getSeconds()).isEqualTo(90);
        assertThat(spec.getReadOnlyRoot()).isTrue();
    }

    @Test
    void whatItSeesOfTheHostAndMayDoIsReadAsDockersFlagsAre() {
        var spec = spec(
                "create",
                "--add-host",
                "db:10.0.0.1",
                "--add-host",
                "six=2001:db8::1",
                "--add-host",
                "seven:2001:db8::2",
                "--dns",
                "10.0.0.53",
                "--dns-search",
                "example.com",
                "--dns-option",
                "ndots:2",
                "--device",
                "/dev/fuse",
                "--device",
                "/dev/sda:/dev/xvda:r",
                "--device",
                "/dev/kvm:rw",
                "--init",
                "--security-opt",
                "no-new-privileges",
                "--group-add",
                "audio",
                "--ulimit",
                "nofile=1024:4096",
                "--ulimit",
                "core=-1",
                "busybox");
        assertThat(spec.getHostsList())
                .extracting(entry -> entry.getName() + ">" + entry.getAddress())
                .containsExactly("db>10.0.0.1", "six>2001:db8::1", "seven>2001:db8::2");
        assertThat(spec.getDns().getServersList()).containsExactly("10.0.0.53");
        assertThat(spec.getDns().getSearchesList()).containsExactly("example.com");
        assertThat(spec.getDns().getOptionsList()).containsExactly("ndots:2");
        assertThat(spec.getDevicesList())
                .extracting(device -> device.getSource() + ">" + device.getTarget() + " " + device.getAccess())
                .containsExactly("/dev/fuse>/dev/fuse rwm", "/dev/sda>/dev/xvda r", "/dev/kvm>/dev/kvm rw");
        assertThat(spec.getInit()).isTrue();
        assertThat(spec.getNoNewPrivileges()).isTrue();
        assertThat(spec.getGroupsList()).containsExactly("audio");
        assertThat(spec.getUlimitsList())
                .extracting(ulimit -> ulimit.getName() + "=" + ulimit.getSoft() + ":" + ulimit.getHard())
                .containsExactly("nofile=1024:4096", "core=-1:-1");
    }

    @Test
    void portsAreReadInAllTheirForms() {
        var ports = spec(
                        "create",
                        "-p",
                        "80",
                        "-p",
                        "8080:80",
                        "-p",
                        "127.0.0.1:8081:80/tcp",
                        "-p",
                        "127.0.0.1::53/udp",
                        "-p",
                        "9000-9001:90-91",
                        "busybox")
                .getPortsList();
        assertThat(ports)
                .extracting(port -> "%s:%d:%d/%s"
                        .formatted(port.getHostAddress(), port.getHostPort(), port.getPort(), port.getProtocol()))
                .containsExactly(
                        ":0:80/PROTOCOL_TCP",
                        ":8080:80/PROTOCOL_TCP",
                        "127.0.0.1:8081:80/PROTOCOL_TCP",
                        "127.0.0.1:0:53/PROTOCOL_UDP",
                        ":9000:90/PROTOCOL_TCP",
                        ":9001:91/PROTOCOL_TCP");
    }

    @Test
    void anEmptyEntrypointReplacesTheImagesByNone() {
        var spec = spec("create", "--entrypoint", "", "busybox", "ls");
        assertThat(spec.hasEntrypoint()).isTrue();
        assertThat(spec.getEntrypoint().getArgumentsList()).isEmpty();
    }

    @Test
    void mountsAreReadInAllTheirForms() {
        var mounts = spec(
                        "create",
                        "-v",
                        "/a:/b",
                        "-v",
                        "/c:/d:ro",
                        "--mount",
                        "type=bind,src=/e,dst=/f,readonly",
                        "--tmpfs",
                        "/g:size=1m",
                        "--tmpfs",
                        "/h",
                        "-v",
                        "/i:/j:ro,rslave",
                        "--mount",
                        "type=bind,src=/k,dst=/l,bind-propagation=shared",
                        "--mount",
                        "type=tmpfs,dst=/m,tmpfs-mode=700,tmpfs-size=2m",
                        "--tmpfs",
                        "/n:ro,mode=1770,exec",
                        "-v",
                        "name:/o:ro,nocopy",
                        "-v",
                        "/p",
                        "--mount",
                        "type=volume,src=other,dst=/q,readonly,volume-nocopy",
                        "--mount",
                        "type=volume,target=/r",
                        "busybox")
                .getMountsList();
        assertThat(mounts)
                .extracting(mount -> "%s>%s %s %d %s"
                        .formatted(
                                mount.getSource(),
                                mount.getTarget(),
                                mount.getReadOnly() ? "ro" : "rw",
                                mount.getSizeBytes(),
                                mount.getOptionsList()))
                .containsExactlyInAnyOrder(
                        "/a>/b rw 0 []",
                        "/c>/d ro 0 []",
                        "/e>/f ro 0 []",
                        ">/g rw 1048576 []",
                        ">/h rw 0 []",
                        "/i>/j ro 0 [rslave]",
                        "/k>/l rw 0 [shared]",
                        ">/m rw 2097152 [mode=700]",
                        ">/n ro 0 [mode=1770, exec]",
                        "name>/o ro 0 [nocopy]",
                        ">/p rw 0 []",
                        "other>/q ro 0 [nocopy]",
                        ">/r rw 0 []");
        assertThat(mounts)
                .filteredOn(mount -> mount.getType() == Mount.Type.TYPE_VOLUME)
                .extracting(Mount::getTarget)
                .containsExactlyInAnyOrder("/o", "/p", "/q", "/r");
    }

    @Test
    void theEnvironmentComesFromFilesAndFromHere(@TempDir Path directory) throws IOException {
        var file = Files.writeString(directory.resolve("env"), "# comment\n\nA=file\nB=file\n");
        var spec = spec(
                "create", "--env-file", file.toString(), "-e", "B=flag", "-e", "PATH", "-e", "NOT_SET_9", "busybox");
        assertThat(spec.getEnvironmentMap())
                .containsEntry("A", "file")
                .containsEntry("B", "flag")
                .containsEntry("PATH", System.getenv("PATH"))
                .doesNotContainKey("NOT_SET_9");
    }

    @Test
    void networksThatWereMadeTakeThePlaceOfTheBridge() {
        var spec = spec(
                "create",
                "--network",
                "shop",
                "--network",
                "name=back,alias=store,ip=10.89.0.7",
                "--network-alias",
                "db",
                "busybox");
        assertThat(spec.getNetworksList())
                .containsExactly(
                        NetworkAttachment.newBuilder()
                                .setNetwork("shop")
                                .addAliases("db")
                                .build(),
                        NetworkAttachment.newBuilder()
                                .setNetwork("back")
                                .addAliases("store")
                                .addAliases("db")
                                .setAddress("10.89.0.7")
                                .build());
        assertThat(spec("create", "--network", "shop", "--ip", "10.89.0.8", "busybox")
                        .getNetworks(0)
                        .getAddress())
                .isEqualTo("10.89.0.8");
        assertThat(spec("create", "--net=HOST", "busybox").getNetwork()).isEqualTo(NetworkMode.NETWORK_MODE_HOST);
        for (var refused : List.of(
                List.of("--network", "host", "--network", "shop"),
                List.of("--network", "shop", "--network", "back", "--ip", "10.89.0.8"))) {
            var line = new ArrayList<>(List.of("run"));
            line.addAll(refused);
            line.add("busybox");
            var run = Invocation.of(server, line.toArray(String[]::new));
            assertThat(run.code()).isEqualTo(125);
            assertThat(run.err()).contains("expected: one");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-v=relative",
                "-v=name:relative",
                "-v=:/x",
                "--network=name=shop,mac=02:00:00:00:00:01",
                "--network-alias=db",
                "--ip=10.89.0.7",
                "-m=many",
                "--tmpfs=/x:size=huge",
                "--mount=type=volume,source=name",
                "--mount=type=volume,target=/x,bind-propagation=shared",
                "--mount=type=bind,source=name,target=/x",
                "--add-host=db",
                "--add-host=:10.0.0.1",
                "--device=sda",
                "--device=/dev/sda:",
                "--security-opt=seccomp=unconfined",
                "--ulimit=nofile",
                "--ulimit=nofile=many",
                "-p=http",
                "-p=80:80:80:80",
                "-p=80-82:80-81",
                "-p=82-80:82-80",
                "-p=80/sctp",
                "-p=web:80:80"
            })
    void aValueThatIsNoneIsRefusedWithWhatWasExpected(String option) {
        var run = Invocation.of(
                server,
                "run",
                option.substring(0, option.indexOf('=')),
                option.substring(option.indexOf('=') + 1),
                "busybox");
        assertThat(run.code()).isEqualTo(125);
        assertThat(run.err()).startsWith("tailrace: ");
        assertThat(server.creates).isEmpty();
    }

    @Test
    void detachKeysThatAreNoneAreRefusedBeforeAnythingRuns() {
        for (var verb : List.of("run", "exec")) {
            var refused = Invocation.of(server, verb, "--detach-keys", "foo", "busybox", "sh");
            assertThat(refused.code()).isEqualTo(125);
            assertThat(refused.err()).startsWith("tailrace: detach keys: \"foo\" (expected: ");
        }
        assertThat(server.creates).isEmpty();
        assertThat(server.execs).isEmpty();
    }

    @Test
    void anUnknownOptionIs125() {
        var run = Invocation.of(server, "run", "--frobnicate", "busybox");
        assertThat(run.code()).isEqualTo(125);
        assertThat(run.err()).contains("unknown option: --frobnicate").contains("tailrace run --help");
    }

    @ParameterizedTest
    @CsvSource({"COMMAND_NOT_FOUND, 127", "COMMAND_NOT_EXECUTABLE, 126", "INVALID_ARGUMENT, 125", "INTERNAL, 125"})
    void aFailedStartHasDockersCode(String reason, int code) {
        server.createFailure = reason;
        assertThat(Invocation.of(server, "run", "busybox", "x").code()).isEqualTo(code);
    }

    @Test
    void aStartThatFailedInTheTimelineIsTold() {
        var run = Invocation.of(
                server.exit(ExitReason.EXIT_REASON_START_FAILED, 127, 0, "no such file"), "run", "busybox", "x");
        assertThat(run.code()).isEqualTo(127);
        assertThat(run.err()).isEqualTo("tailrace: no such file\n");
    }

    @Test
    void aSignalsCodeIs128AndItsNumber() {
        var run = Invocation.of(server.exit(ExitReason.EXIT_REASON_SIGNALLED, 137, 9, ""), "run", "busybox");
        assertThat(run.code()).isEqualTo(137);
    }

    @Test
    void anUnknownEndIsNoSuccess() {
        var run = Invocation.of(server.exit(ExitReason.EXIT_REASON_LOST, -1, 0, ""), "run", "busybox");
        assertThat(run.code()).isEqualTo(125);
    }

    @Test
    void detachedItPrintsTheId() {
        var run = Invocation.of(server, "run", "-d", "busybox");
        assertThat(run.out().strip()).isEqualTo(server.creates.getFirst().getId());
        assertThat(run.code()).isZero();
    }

    @Test
    void inputIsPassedOnAndItsEndToo() {
        Invocation.withInput(server.exit(0), "some data", "run", "-i", "busybox", "cat");
        assertThat(server.stdinText()).isEqualTo("some data<end>");
    }

    @Test
    void withoutInteractiveNoInputIsPassedOn() {
        Invocation.withInput(server.exit(0), "some data", "run", "busybox");
        assertThat(server.stdinText()).isEmpty();
        assertThat(server.creates.getFirst().getSpec().getStdin()).isFalse();
    }

    @Test
    void aReaderThatLeavesEndsTheContainerQuietly() {
        var run = Invocation.intoBrokenPipe(server.out("y\n").exit(0), "run", "busybox", "yes");
        assertThat(run.code()).isEqualTo(141);
        assertThat(run.err()).isEmpty();
        assertThat(server.kills).hasSize(1);
    }

    @Test
    void aMissingImageIsPulled() {
        server.isImageMissing = true;
        var run = Invocation.of(server.out("ran").exit(0), "run", "app:1");
        assertThat(server.pulls).containsExactly("app:1");
        assertThat(run.out()).isEqualTo("ran");
        assertThat(run.err()).contains("pulling").contains("manifest: downloading");
    }

    @Test
    void anImageThatSomebodyElseFetchesMeanwhileIsNotMissing() {
        server.isImageMissing = true;
        server.isImageFetchedByOthers = true;
        var run = Invocation.of(server.out("ran").exit(0), "run", "app:1");
        assertThat(run.out()).isEqualTo("ran");
        assertThat(server.pulls).isEmpty();
    }

    @Test
    void anImageThatCannotBePulledIsAClearFailure() {
        server.isImageMissing = true;
        server.isPullPossible = false;
        var run = Invocation.of(server, "run", "app:1");
        assertThat(run.code()).isEqualTo(125);
        assertThat(run.err())
                .contains("cannot be pulled: registry: not reachable")
                .contains("image import");
    }

    @Test
    void pullingCanBeForbidden() {
        server.isImageMissing = true;
        assertThat(Invocation.of(server, "run", "--pull", "never", "app:1").code())
                .isEqualTo(125);
        assertThat(server.pulls).isEmpty();
    }

    @Test
    void anExecHasItsOwnFlagsAndCode() {
        server.containers.add(FakeServer.running("web"));
        var exec =
                Invocation.of(server.out("x").exit(5), "exec", "-e", "A=1", "-w", "/", "-u", "me", "web", "ls", "-l");
        assertThat(exec.code()).isEqualTo(5);
        assertThat(exec.out()).isEqualTo("x");
        var request = server.execs.getFirst();
        assertThat(request.getCommandList()).isEqualTo(List.of("ls", "-l"));
        assertThat(request.getEnvironmentMap()).containsEntry("A", "1");
        assertThat(request.getUser()).isEqualTo("me");
    }

    @Test
    void anExecInNoContainerIs125() {
        assertThat(Invocation.of(server, "exec", "nowhere", "ls").code()).isEqualTo(125);
    }

    private ContainerSpec spec(String... arguments) {
        assertThat(Invocation.of(server.exit(0), arguments).code()).isZero();
        return server.creates.getLast().getSpec();
    }
}
