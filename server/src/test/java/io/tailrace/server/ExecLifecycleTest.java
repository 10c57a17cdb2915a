package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.grpc.Status;
import io.tailrace.api.exec.ContainerLifecycleEvent;
import io.tailrace.api.exec.ContainerLifecycleRequest;
import io.tailrace.api.exec.ContainerSignalRequest;
import io.tailrace.api.exec.ExecGrpc;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.PauseContainerRequest;
import io.tailrace.api.v1.RemoveContainerRequest;
import io.tailrace.api.v1.ResumeContainerRequest;
import io.tailrace.api.v1.StartContainerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Lifecycle streams of the Exec service: the latest event first, then what happens. */
class ExecLifecycleTest {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aLifecycleBringsWhatHappensAndEndsWithTheRemoval() {
        Container container = server.create("hold");
        var answers = lifecycle(container.getId());
        assertThat(answers.next().getEventType()).isEqualTo("registered");
        String id = container.getId();
        server.containers()
                .start(StartContainerRequest.newBuilder().setContainer(id).build());
        server.containers()
                .pause(PauseContainerRequest.newBuilder().setContainer(id).build());
        server.containers()
                .resume(ResumeContainerRequest.newBuilder().setContainer(id).build());
        exec().containerSignal(signal(container, "KILL"));
        assertThat(answers.next().getEventType()).isEqualTo("started");
        assertThat(answers.next().getEventType()).isEqualTo("paused");
        assertThat(answers.next().getEventType()).isEqualTo("resumed");
        ContainerLifecycleEvent exited = answers.next();
        assertThat(exited.getEventType()).isEqualTo("exited");
        assertThat(exited.getStatus()).isEqualTo("exited");
        assertThat(exited.getExitCode()).isEqualTo(137);
        assertThat(exited.getTimestamp()).isPositive();
        assertThat(exited.getMessage()).contains("137");
        server.containers()
                .remove(RemoveContainerRequest.newBuilder().setContainer(id).build());
        assertThat(answers.all())
                .extracting(ContainerLifecycleEvent::getEventType, ContainerLifecycleEvent::getMessage)
                .containsExactly(tuple("unregistered", "container was removed"));
    }

    @Test
    void aLateSubscriberGetsTheLatestEventFirst() {
        Container running = server.run("hold");
        var answers = lifecycle(running.getId());
        assertThat(answers.next().getEventType()).isEqualTo("started");
        answers.cancel();
        Container exited = server.ran("exit", "6");
        answers = lifecycle(exited.getId());
        ContainerLifecycleEvent event = answers.next();
        assertThat(event.getEventType()).isEqualTo("exited");
        assertThat(event.getExitCode()).isEqualTo(6);
        answers.cancel();
    }

    @Test
    void aSubscriberThatComesAfterTheRemovalStillGetsTheExit() {
        Container container = server.ran("exit", "6");
        server.containers()
                .remove(RemoveContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        server.ran("true");
        List<ContainerLifecycleEvent> events = lifecycle(container.getId()).all();
        assertThat(events).extracting(ContainerLifecycleEvent::getEventType).containsExactly("exited", "unregistered");
        assertThat(events.getFirst().getExitCode()).isEqualTo(6);
    }

    @Test
    void aSubscriberOfAllGetsEachContainersLatestEventAndThenWhatHappens() {
        Container before = server.run("hold");
        var answers = lifecycle("");
        List<String> seen = new ArrayList<>();
        Container after = server.run("true");
        while (!seen.contains(after.getId() + ":exited")) {
            ContainerLifecycleEvent event = answers.next();
            seen.add(event.getContainerId() + ":" + event.getEventType());
        }
        assertThat(seen).containsOnlyOnce(before.getId() + ":started");
        assertThat(seen)
                .containsSubsequence(
                        after.getId() + ":registered", after.getId() + ":started", after.getId() + ":exited");
        answers.cancel();
    }

    @Test
    void aLifecycleOfNothingIsNotFound() {
        assertThat(lifecycle("nobody").end().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    }

    private static Answers<ContainerLifecycleRequest, ContainerLifecycleEvent> lifecycle(String containerId) {
        var answers = Answers.<ContainerLifecycleRequest, ContainerLifecycleEvent>flowing();
        ExecGrpc.newStub(server.channel)
                .containerLifecycle(
                        ContainerLifecycleRequest.newBuilder()
                                .setContainerId(containerId)
                                .build(),
                        answers);
        return answers;
    }

    private static ContainerSignalRequest signal(Container container, String signal) {
        return ContainerSignalRequest.newBuilder()
                .setContainerId(container.getId())
                .setSignal(signal)
                .build();
    }

    private static ExecGrpc.ExecBlockingStub exec() {
        return ExecGrpc.newBlockingStub(server.channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }
}
