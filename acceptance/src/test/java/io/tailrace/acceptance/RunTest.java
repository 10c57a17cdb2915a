package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code tailrace run}: what the process wrote and how it ended is what its caller gets. */
@Acceptance
class RunTest {
    private final TailraceServerProcess server;

    RunTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    void stdoutAndStderrComeApartAndTheExitCodeIsTheProcess() {
        Command.Result result = server.runProcess(
                "run", "--rm", "--network", "none", "busybox", "sh", "-c", "echo out; echo err >&2; exit 7");
        assertThat(result.stdout()).isEqualTo("out\n");
        assertThat(result.stderr()).isEqualTo("err\n");
        assertThat(result.exitCode()).isEqualTo(7);
    }

    @Test
    void theLastLineNeedsNoNewline() {
        Command.Result result = server.runProcess("run", "--rm", "--network", "none", "busybox", "printf", "one\\ntwo");
        assertThat(result.stdout()).isEqualTo("one\ntwo");
        assertThat(result.exitCode()).isZero();
    }

    @Test
    void fiftyMegabytesOfRandomBytesAreTheSameAtBothEnds() throws IOException {
        String script = "head -c 50000000 /dev/urandom >/tmp/random; cat /tmp/random; sha256sum </tmp/random >&2";
        Command.Result result = server.runProcess("run", "--rm", "--network", "none", "busybox", "sh", "-c", script);
        StreamDigest received = StreamDigest.of(new ByteArrayInputStream(result.stdoutBytes()));
        assertThat(received.identity())
                .isEqualTo("50000000 bytes, sha256 " + result.stderr().split(" ")[0]);
        assertThat(result.exitCode()).isZero();
    }

    @Test
    void aProcessThatExitsAtOnceLosesNothing() {
        for (int run = 0; run < 10; run++) {
            String id = server.api().run("echo " + run + "; exit " + run).getId();
            Followed followed = server.api().follow(id, "");
            assertThat(followed.stdoutText()).isEqualTo(run + "\n");
            assertThat(followed.exit().getExitCode()).isEqualTo(run);
            server.api().remove(id);
        }
    }

    @Test
    void aCommandThatDoesNotExistIs127() {
        Command.Result result = server.runProcess("run", "--rm", "--network", "none", "busybox", "nosuchcommand");
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(127);
        assertThat(result.stderr()).contains("nosuchcommand");
    }

    @Test
    void aFileThatIsNotExecutableIs126() {
        Command.Result result = server.runProcess("run", "--rm", "--network", "none", "busybox", "/etc/passwd");
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(126);
        assertThat(result.stderr()).contains("/etc/passwd");
    }

    @Test
    void anImageThatIsNotThereIs125() {
        Command.Result result = server.runProcess("run", "--rm", "--pull", "never", "nosuchimage", "true");
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(125);
        assertThat(result.stderr()).contains("nosuchimage");
    }

    @Test
    void anOptionThatDoesNotExistIs125() {
        Command.Result result = server.runProcess("run", "--nosuchoption", "busybox", "true");
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(125);
        assertThat(result.stderr()).contains("--nosuchoption");
    }

    @Test
    void environmentDirectoryUserAndNameAreTheOnesGiven() {
        Command.Result result = server.runProcess(
                "run",
                "--rm",
                "--network",
                "none",
                "-e",
                "GREETING=hello",
                "-w",
                "/tmp",
                "-u",
                "65534",
                "--hostname",
                "mill",
                "busybox",
                "sh",
                "-c",
                "echo $GREETING $PWD $(id -u) $(hostname)");
        assertThat(result.succeeded().stdout()).isEqualTo("hello /tmp 65534 mill\n");
    }

    @Test
    void aMountIsSharedWithTheHostAndCanBeReadOnly() throws IOException {
        Path file = Files.writeString(server.shared().resolve("greeting"), "from the host\n");
        String mount = server.shared() + ":/shared";
        assertThat(server.runProcess(
                                "run", "--rm", "--network", "none", "-v", mount, "busybox", "cat", "/shared/greeting")
                        .succeeded()
                        .stdout())
                .isEqualTo("from the host\n");
        Command.Result refused = server.runProcess(
                "run",
                "--rm",
                "--network",
                "none",
                "-v",
                mount + ":ro",
                "busybox",
                "sh",
                "-c",
                "echo no >/shared/greeting");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.stderr()).contains("Read-only file system");
        assertThat(file).hasContent("from the host");
    }
}
