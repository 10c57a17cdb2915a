package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Duration;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.api.v1.CreateContainerRequest;
import io.tailrace.api.v1.Exit;
import io.tailrace.api.v1.ExitReason;
import org.junit.jupiter.api.Test;

/** Ways in which a process can end are told from each other; kills are in {@link EndTest}. */
@Acceptance
class ExitReasonTest {
    private static final int SIGKILL = 9;

    private final TailraceServerProcess server;

    ExitReasonTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    void theCommandThatRunsAKilledContainerExitsWith137() {
        try (Command run = server.startCommand(
                "run",
                "--name",
                "to-be-killed",
                "--network",
                "none",
                "busybox",
                "sh",
                "-c",
                "echo up; exec sleep 600")) {
            Waiting.until(
                    "the container to speak", java.time.Duration.ofSeconds(30), () -> run.stdoutSoFar().length == 3);
            server.api().kill("to-be-killed", "KILL");
            assertThat(run.await(java.time.Duration.ofSeconds(20)).exitCode()).isEqualTo(137);
        }
    }

    @Test
    void aContainerThatIsStoppedSaysSo() {
        String id = server.api()
                .run("trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.05; done")
                .getId();
        Waiting.until(
                "the trap to be set",
                java.time.Duration.ofSeconds(10),
                () -> server.api().get(id).getStatus().getStdoutLength() > 0);
        server.run("stop", id).succeeded();
        Followed followed = server.api().follow(id, "");
        assertThat(followed.stdoutText()).isEqualTo("up\nbye\n");
        assertThat(followed.exit().getExitCode()).isEqualTo(3);
        assertThat(followed.exit().getReason()).isEqualTo(ExitReason.EXIT_REASON_STOPPED);
    }

    @Test
    void aContainerThatIgnoresItsStopIsKilledWhenTheGraceIsOver() {
        String id = server.api()
                .run("trap '' TERM; echo up; while :; do sleep 0.05; done")
                .getId();
        Waiting.until(
                "the trap to be set",
                java.time.Duration.ofSeconds(10),
                () -> server.api().get(id).getStatus().getStdoutLength() > 0);
        server.run("stop", "-t", "1", id).succeeded();
        Followed followed = server.api().follow(id, "");
        assertKilled(followed.exit(), ExitReason.EXIT_REASON_STOPPED);
    }

    @Test
    void aContainerThatRunsTooLongTimedOut() {
        String id = server.api()
                .run(
                        "echo up; exec sleep 600",
                        spec -> spec.setTimeout(Duration.newBuilder().setSeconds(1))
                                .setStopGrace(Duration.newBuilder().setSeconds(1)))
                .getId();
        Followed followed = server.api().follow(id, "");
        assertThat(followed.exit().getReason()).isEqualTo(ExitReason.EXIT_REASON_TIMED_OUT);
        assertThat(followed.stdoutText()).isEqualTo("up\n");
    }

    @Test
    void aContainerThatCannotStartSaysWhy() {
        String id = server.api()
                .containers()
                .create(CreateContainerRequest.newBuilder()
                        .setSpec(Api.shell("").clearCommand().addCommand("nosuchcommand"))
                        .build())
                .getId();
        StatusRuntimeException failure = catchThrowableOfType(
                StatusRuntimeException.class, () -> server.api().start(id));
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        Exit exit = server.api().follow(id, "").exit();
        assertThat(exit.getReason()).isEqualTo(ExitReason.EXIT_REASON_START_FAILED);
        assertThat(exit.getExitCode()).isEqualTo(127);
        assertThat(exit.getMessage()).contains("nosuchcommand");
    }

    private static void assertKilled(Exit exit, ExitReason reason) {
        assertThat(exit.getExitCode()).isEqualTo(128 + SIGKILL);
        assertThat(exit.getSignal()).isEqualTo(SIGKILL);
        assertThat(exit.getReason()).as(exit.toString()).isEqualTo(reason);
    }
}
