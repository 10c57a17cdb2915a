package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.tailrace.api.exec.ExecGrpc;
import io.tailrace.api.exec.Resize;
import io.tailrace.api.exec.SessionRequest;
import io.tailrace.api.exec.SessionResponse;
import io.tailrace.api.exec.Start;
import io.tailrace.api.v1.Container;
import java.util.ArrayList;
import java.util.List;

/** A session of the Exec service: what the client sends, and what it gets. */
record ExecSession(StreamObserver<SessionRequest> requests, Answers<SessionRequest, SessionResponse> answers) {
    static ExecSession open(TestServer server, Start.Builder start) {
        return open(ExecGrpc.newStub(server.channel), start);
    }

    static ExecSession open(ExecGrpc.ExecStub stub, Start.Builder start) {
        var answers = Answers.<SessionRequest, SessionResponse>flowing();
        var requests = stub.session(answers);
        requests.onNext(SessionRequest.newBuilder().setStart(start).build());
        return new ExecSession(requests, answers);
    }

    String ready() {
        SessionResponse first = answers.next();
        assertThat(first.hasReady()).isTrue();
        return first.getReady().getSessionId();
    }

    void stdin(String text) {
        requests.onNext(SessionRequest.newBuilder()
                .setStdin(ByteString.copyFromUtf8(text))
                .build());
    }

    void resize(int width, int height) {
        requests.onNext(SessionRequest.newBuilder()
                .setResize(Resize.newBuilder().setWidth(width).setHeight(height))
                .build());
    }

    /** Output until it holds a text. */
    String until(String text) {
        var output = new StringBuilder();
        while (!output.toString().contains(text)) {
            output.append(answers.next().getStdout().toStringUtf8());
        }
        return output.toString();
    }

    void leave() {
        answers.cancel();
    }

    /** What a client gets that only watches, as a list of texts: {@code out:...}, {@code err:...}, {@code exit:...}. */
    List<String> watched() {
        List<String> seen = new ArrayList<>();
        for (SessionResponse response : answers.all()) {
            switch (response.getMsgCase()) {
                case STDOUT -> seen.add("out:" + response.getStdout().toStringUtf8());
                case STDERR -> seen.add("err:" + response.getStderr().toStringUtf8());
                case EXIT -> seen.add("exit:" + response.getExit());
                case READY -> seen.add("ready");
                case OUTPUT_CHUNK, MSG_NOT_SET -> seen.add("unexpected");
            }
        }
        return seen;
    }

    /** As streamLogs() of the clients of old. */
    static Start.Builder watch(Container container) {
        return Start.newBuilder().setContainerId(container.getId()).setExecId(container.getId());
    }

    static Start.Builder command(Container container, String execId, String... command) {
        return Start.newBuilder()
                .setContainerId(container.getId())
                .setExecId(execId)
                .addAllCommand(List.of(command));
    }
}
