package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Grpc;
import io.grpc.MethodDescriptor;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.FollowResponse;
import io.tailrace.api.v1.GetContainerRequest;
import io.tailrace.api.v1.TimelinesGrpc;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class CancelledCallsTest {
    /** Several times what a client takes that asks for nothing. */
    private static final String BYTES = "4000000";

    private static final int CANCELLED = 10;

    @Test
    void aClientThatCancelsACallBeforeItHasTakenAllOfTheAnswerKeepsItsConnection() {
        try (TestServer server = TestServer.start()) {
            String id = server.ran("print", BYTES).getId();
            Set<Object> connections = new HashSet<>();
            connections.add(connection(server, id));
            for (int i = 0; i < CANCELLED; i++) {
                Answers<FollowRequest, FollowResponse> answers = Answers.stopped();
                TimelinesGrpc.newStub(server.channel)
                        .follow(FollowRequest.newBuilder().setContainer(id).build(), answers);
                // A few, so that others wait for room behind them.
                answers.ask(3);
                for (int taken = 0; taken < 3; taken++) {
                    assertThat(answers.isAnswered()).isTrue();
                }
                answers.cancel();
                connections.add(connection(server, id));
            }
            assertThat(connections).hasSize(1);
        }
    }

    /** The client's end of the connection by which a call goes. */
    private static Object connection(TestServer server, String id) {
        var sent = new AtomicReference<ClientCall<?, ?>>();
        var watching = new ClientInterceptor() {
            @Override
            public <Q, A> ClientCall<Q, A> interceptCall(
                    MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                ClientCall<Q, A> call = next.newCall(method, options);
                sent.set(call);
                return new SimpleForwardingClientCall<>(call) {};
            }
        };
        assertThat(server.containers()
                        .withInterceptors(watching)
                        .get(GetContainerRequest.newBuilder().setContainer(id).build())
                        .getId())
                .isEqualTo(id);
        return sent.get().getAttributes().get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR);
    }
}
