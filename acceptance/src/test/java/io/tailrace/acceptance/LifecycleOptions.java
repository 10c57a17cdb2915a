package io.tailrace.acceptance;

import static io.tailrace.acceptance.OptionRow.LIMIT;
import static io.tailrace.acceptance.OptionRow.row;

import com.google.protobuf.Duration;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.api.v1.ExitReason;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.FollowResponse;
import io.tailrace.api.v1.HealthCheck;
import io.tailrace.api.v1.OnFullDisk;
import io.tailrace.api.v1.RestartPolicy;
import io.tailrace.api.v1.Retention;
import io.tailrace.api.v1.StopContainerRequest;
import java.util.Iterator;
import java.util.List;

/** Rows of the table of options: how a container ends, and what becomes of it and of its timeline. */
final class LifecycleOptions {
    /** The least that a container may ask for. */
    private static final long RETAINED_BYTES_MIN = 256 << 10;

    /** All of them, in the order of the table. An option that is added has its row here. */
    static List<OptionRow> all() {
        return List.of(
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
                        "idle time-out",
                        spec -> spec.setIdleTimeout(Duration.newBuilder().setSeconds(1))
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
                        "removed"),
                row(
                        "health check",
                        spec -> spec.setHealthCheck(HealthCheck.newBuilder()
                                .addTest("CMD-SHELL")
                                .addTest("[ -e /well ]")
                                .setInterval(Duration.newBuilder().setNanos(200_000_000))
                                .setTimeout(Duration.newBuilder().setSeconds(30))
                                .setRetries(2)
                                .setStartPeriod(Duration.newBuilder().setSeconds(1))
                                .setStartInterval(Duration.newBuilder().setNanos(200_000_000))),
                        "read never < /dev/zero",
                        (server, id) -> {
                            awaitHealth(server, id, "unhealthy");
                            server.api().exec(id, "touch /well");
                            awaitHealth(server, id, "healthy");
                            return "unhealthy, then healthy";
                        },
                        "unhealthy, then healthy"),
                row(
                        "retention by bytes",
                        spec -> spec.setRetention(Retention.newBuilder().setBytesMax(RETAINED_BYTES_MIN)),
                        "head -c 2000000 /dev/zero",
                        (server, id) -> {
                            server.api().await(id);
                            return firstGap(server, id);
                        },
                        "retention"),
                row(
                        "retention after the removal",
                        spec -> spec.setRetention(Retention.newBuilder()
                                .setPeriod(Duration.newBuilder().setNanos(1_000_000))),
                        "",
                        (server, id) -> {
                            server.api().remove(id);
                            Waiting.until("it to be forgotten", LIMIT, () -> isForgotten(server, id));
                            return "forgotten";
                        },
                        "forgotten"),
                row(
                        "on a full disk",
                        spec -> spec.setOnFullDisk(OnFullDisk.ON_FULL_DISK_DROP),
                        "",
                        (server, id) ->
                                server.api().get(id).getSpec().getOnFullDisk().name(),
                        OnFullDisk.ON_FULL_DISK_DROP.name()));
    }

    private static void awaitOutput(TailraceServerProcess server, String id) {
        Waiting.until(
                "the container to write",
                LIMIT,
                () -> server.api().get(id).getStatus().getStdoutLength() > 0);
    }

    private static OptionRow.Seen reason() {
        return (server, id) -> server.api().follow(id, "").exit().getReason().name();
    }

    private static void awaitHealth(TailraceServerProcess server, String id, String status) {
        Waiting.until(
                "it to be " + status,
                LIMIT,
                () -> server.api().get(id).getHealth().getStatus().equals(status));
    }

    /** The reason of the gap before what is kept; empty if there is none. */
    private static String firstGap(TailraceServerProcess server, String id) {
        Iterator<FollowResponse> responses = server.api()
                .timelines()
                .follow(FollowRequest.newBuilder().setContainer(id).build());
        while (responses.hasNext()) {
            FollowResponse response = responses.next();
            if (response.hasRecord() && response.getRecord().hasGap()) {
                return response.getRecord().getGap().getReason();
            }
        }
        return "";
    }

    private static boolean isForgotten(TailraceServerProcess server, String id) {
        try {
            server.api().get(id);
            return false;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() == Status.Code.NOT_FOUND;
        }
    }

    private LifecycleOptions() {}
}
