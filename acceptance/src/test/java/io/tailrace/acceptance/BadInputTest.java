package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.api.exec.ContainerControlResponse;
import io.tailrace.api.exec.ContainerSignalRequest;
import io.tailrace.api.exec.ContainerStatusRequest;
import io.tailrace.api.v1.ContainerSpec;
import io.tailrace.api.v1.CreateContainerRequest;
import io.tailrace.api.v1.CreateExecRequest;
import io.tailrace.api.v1.FollowFeedRequest;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.GetImageRequest;
import io.tailrace.api.v1.Limits;
import io.tailrace.api.v1.PullImageRequest;
import io.tailrace.api.v1.ResizeRequest;
import io.tailrace.api.v1.StandardStream;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Whatever a client sends, it gets one typed error that names the value, and the server lives on: over gRPC, and at the
 * command line. {@link BadHttpInputTest} does so over HTTP.
 */
@Acceptance
class BadInputTest {
    private static final int HUGE_BYTES = 80 << 20;

    private final TailraceServerProcess server;

    BadInputTest(TailraceServerProcess server) {
        this.server = server;
    }

    @AfterEach
    void theServerLivesOn() {
        assertThat(server.isAlive()).isTrue();
        String id = server.api().run("echo alive").getId();
        assertThat(server.api().follow(id, "").stdoutText()).isEqualTo("alive\n");
        server.api().remove(id);
    }

    @TestFactory
    Stream<DynamicTest> overGrpc() {
        Api api = server.api();
        String id = api.run("exec sleep 600", spec -> spec.putLabels("bad", "input"))
                .getId();
        String other = api.run("echo other").getId();
        String foreignCursor = api.follow(other, "").cursor();
        return Stream.of(
                fails(
                        "an unknown container",
                        Status.Code.NOT_FOUND,
                        "nosuchcontainer",
                        () -> api.get("nosuchcontainer")),
                fails("no container", Status.Code.INVALID_ARGUMENT, "container", () -> api.get("")),
                fails(
                        "a path for a container",
                        Status.Code.NOT_FOUND,
                        "../../etc/passwd",
                        () -> api.get("../../etc/passwd")),
                fails(
                        "an unknown image",
                        Status.Code.NOT_FOUND,
                        "nosuchimage",
                        () -> create(spec -> spec.setImage("nosuchimage"))),
                fails(
                        "no image",
                        Status.Code.INVALID_ARGUMENT,
                        "image",
                        () -> create(ContainerSpec.Builder::clearImage)),
                fails(
                        "a malformed image",
                        Status.Code.INVALID_ARGUMENT,
                        "NOT AN IMAGE",
                        () -> create(spec -> spec.setImage("NOT AN IMAGE"))),
                fails(
                        "an unknown image looked up",
                        Status.Code.NOT_FOUND,
                        "nosuchimage",
                        () -> api.images()
                                .get(GetImageRequest.newBuilder()
                                        .setReference("nosuchimage")
                                        .build())),
                fails(
                        "a malformed image pulled",
                        Status.Code.INVALID_ARGUMENT,
                        "UPPER//CASE",
                        () -> api.images()
                                .pull(PullImageRequest.newBuilder()
                                        .setReference("UPPER//CASE")
                                        .build())
                                .forEachRemaining(ignored -> {})),
                fails(
                        "a malformed id",
                        Status.Code.INVALID_ARGUMENT,
                        "xyz",
                        () -> api.containers()
                                .create(CreateContainerRequest.newBuilder()
                                        .setSpec(Api.shell(""))
                                        .setId("xyz")
                                        .build())),
                fails("a malformed name", Status.Code.INVALID_ARGUMENT, "not a name", () -> createNamed("not a name")),
                fails("a name that is taken", Status.Code.ALREADY_EXISTS, "taken", () -> {
                    createNamed("taken");
                    createNamed("taken");
                }),
                fails(
                        "a negative limit",
                        Status.Code.INVALID_ARGUMENT,
                        "-1",
                        () -> create(spec -> spec.setLimits(Limits.newBuilder().setMemoryBytes(-1)))),
                fails(
                        "a relative working directory",
                        Status.Code.INVALID_ARGUMENT,
                        "not/absolute",
                        () -> create(spec -> spec.setWorkingDirectory("not/absolute"))),
                fails(
                        "a malformed environment variable",
                        Status.Code.INVALID_ARGUMENT,
                        "A=B",
                        () -> create(spec -> spec.putEnvironment("A=B", "c"))),
                fails(
                        "an unknown capability",
                        Status.Code.INVALID_ARGUMENT,
                        "NONSENSE",
                        () -> create(spec -> spec.addAddedCapabilities("NONSENSE"))),
                fails(
                        "a bad stop signal",
                        Status.Code.INVALID_ARGUMENT,
                        "SIGNONSENSE",
                        () -> create(spec -> spec.setStopSignal("SIGNONSENSE"))),
                fails(
                        "an unknown user",
                        Status.Code.INVALID_ARGUMENT,
                        "nosuchuser",
                        () -> api.run("true", spec -> spec.setUser("nosuchuser"))),
                fails("a bad signal", Status.Code.INVALID_ARGUMENT, "SIGNONSENSE", () -> api.kill(id, "SIGNONSENSE")),
                fails("a signal out of range", Status.Code.INVALID_ARGUMENT, "65", () -> api.kill(id, "65")),
                fails(
                        "a signal to what has exited",
                        Status.Code.FAILED_PRECONDITION,
                        "exited",
                        () -> api.kill(other, "TERM")),
                fails("a start of what runs", Status.Code.FAILED_PRECONDITION, "running", () -> api.start(id)),
                fails(
                        "an exec in what has exited",
                        Status.Code.FAILED_PRECONDITION,
                        "exited",
                        () -> api.exec(other, "true")),
                fails(
                        "an exec of nothing",
                        Status.Code.INVALID_ARGUMENT,
                        "command",
                        () -> api.execs()
                                .create(CreateExecRequest.newBuilder()
                                        .setContainer(id)
                                        .build())),
                fails(
                        "an exec of what does not exist",
                        Status.Code.FAILED_PRECONDITION,
                        "nosuchcommand",
                        () -> api.execs()
                                .create(CreateExecRequest.newBuilder()
                                        .setContainer(id)
                                        .addCommand("nosuchcommand")
                                        .build())),
                fails("an unknown exec", Status.Code.NOT_FOUND, "nosuchexec", () -> api.follow(id, "nosuchexec")),
                fails(
                        "a malformed cursor",
                        Status.Code.OUT_OF_RANGE,
                        "garbage",
                        () -> follow(FollowRequest.newBuilder().setContainer(id).setCursor("garbage"))),
                fails(
                        "a cursor of another timeline",
                        Status.Code.OUT_OF_RANGE,
                        "",
                        () -> follow(FollowRequest.newBuilder().setContainer(id).setCursor(foreignCursor))),
                fails(
                        "a cursor of another timeline for the feed",
                        Status.Code.OUT_OF_RANGE,
                        "",
                        () -> api.timelines()
                                .followFeed(FollowFeedRequest.newBuilder()
                                        .setCursor(foreignCursor)
                                        .build())
                                .forEachRemaining(ignored -> {})),
                fails(
                        "an offset without one stream",
                        Status.Code.INVALID_ARGUMENT,
                        "streams",
                        () -> follow(FollowRequest.newBuilder().setContainer(id).setOffset(1))),
                fails(
                        "an offset beyond the end",
                        Status.Code.INVALID_ARGUMENT,
                        "999999999",
                        () -> follow(FollowRequest.newBuilder()
                                .setContainer(other)
                                .setOffset(999_999_999)
                                .addStreams(StandardStream.STANDARD_STREAM_STDOUT))),
                fails(
                        "an unknown stream",
                        Status.Code.INVALID_ARGUMENT,
                        "streams",
                        () -> follow(FollowRequest.newBuilder().setContainer(id).addStreamsValue(77))),
                fails(
                        "a resize of what has no terminal",
                        Status.Code.FAILED_PRECONDITION,
                        "terminal",
                        () -> api.timelines()
                                .resize(ResizeRequest.newBuilder()
                                        .setContainer(id)
                                        .setColumns(80)
                                        .setRows(24)
                                        .build())),
                fails(
                        "a huge request",
                        Status.Code.RESOURCE_EXHAUSTED,
                        "",
                        () -> create(spec -> spec.putLabels("huge", "x".repeat(HUGE_BYTES)))),
                fails(
                        "a large label",
                        Status.Code.INVALID_ARGUMENT,
                        "",
                        () -> create(spec -> spec.putLabels("large", "x".repeat(3 << 20)))),
                fails(
                        "an unknown container for Exec",
                        Status.Code.NOT_FOUND,
                        "nosuchcontainer",
                        () -> api.exec()
                                .containerStatus(ContainerStatusRequest.newBuilder()
                                        .setContainerId("nosuchcontainer")
                                        .build())));
    }

    @TestFactory
    Stream<DynamicTest> fromStrangers() {
        return Stream.of(
                DynamicTest.dynamicTest("a wrong token over gRPC", () -> {
                    try (Api stranger = Api.connect(server.address(), "wrong")) {
                        assertFails(Status.Code.UNAUTHENTICATED, "token", () -> stranger.get("x"));
                    }
                }),
                DynamicTest.dynamicTest("no token over gRPC", () -> {
                    try (Api stranger = Api.connect(server.address(), "")) {
                        assertFails(Status.Code.UNAUTHENTICATED, "token", () -> stranger.follow("x", ""));
                    }
                }));
    }

    @Test
    void aControlCallOfExecAnswersWithWhatIsWrong() {
        ContainerControlResponse response = server.api()
                .exec()
                .containerSignal(ContainerSignalRequest.newBuilder()
                        .setContainerId("nosuchcontainer")
                        .setSignal("TERM")
                        .build());
        assertThat(response.getSuccess()).isFalse();
        assertThat(response.getMessage()).contains("nosuchcontainer");
    }

    @Test
    void theCommandSaysInOneLineWhatIsWrong() {
        for (String[] arguments : new String[][] {
            {"inspect", "nosuchcontainer"},
            {"logs", "nosuchcontainer"},
            {"exec", "nosuchcontainer", "true"},
            {"attach", "nosuchcontainer"},
            {"kill", "nosuchcontainer"},
            {"rm", "nosuchcontainer"},
            {"wait", "nosuchcontainer"}
        }) {
            Command.Result result = server.run(arguments);
            assertThat(result.exitCode()).as(result.toString()).isNotZero();
            assertThat(result.stderr())
                    .as(result.toString())
                    .contains("nosuchcontainer")
                    .doesNotContain("Exception", "\tat ");
            assertThat(result.stderr().strip().lines().count())
                    .as(result.toString())
                    .isEqualTo(1);
        }
    }

    private void create(UnaryOperator<ContainerSpec.Builder> change) {
        String id = server.api()
                .containers()
                .create(CreateContainerRequest.newBuilder()
                        .setSpec(change.apply(Api.shell("true")))
                        .build())
                .getId();
        server.api().remove(id);
    }

    private void createNamed(String name) {
        server.api()
                .containers()
                .create(CreateContainerRequest.newBuilder()
                        .setSpec(Api.shell("true"))
                        .setName(name)
                        .build());
    }

    private void follow(FollowRequest.Builder request) {
        server.api().timelines().follow(request.build()).forEachRemaining(ignored -> {});
    }

    private static DynamicTest fails(String name, Status.Code code, String inMessage, ThrowingCallable call) {
        return DynamicTest.dynamicTest(name, () -> assertFails(code, inMessage, call));
    }

    private static void assertFails(Status.Code code, String inMessage, ThrowingCallable call) {
        StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(failure).as("a failure").isNotNull();
        assertThat(failure.getStatus().getCode()).as(failure.getMessage()).isEqualTo(code);
        assertThat(failure.getStatus().getDescription()).isNotBlank().contains(inMessage);
    }
}
