package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.CreateContainerRequest;
import io.tailrace.api.v1.GetContainerRequest;
import io.tailrace.api.v1.ListContainersRequest;
import io.tailrace.api.v1.RestartPolicy;
import io.tailrace.api.v1.StopContainerRequest;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static CreateContainerRequest request(RestartPolicy policy) {
        var request = TestServer.newContainer("sh", "-c", "echo again; exit 3");
        request.getSpecBuilder().setRestart(policy);
        return request.setStart(true).build();
    }

    private static Container get(Container container) {
        return server.containers()
                .get(GetContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
    }

    @Test
    void whatRunsAgainSoonIsNotTakenForItsEnd() throws Exception {
        RestartPolicy always = RestartPolicy.newBuilder()
                .setKind(RestartPolicy.Kind.KIND_ALWAYS)
                .build();
        Container container = server.containers().create(request(always));
        assertThat(container.getSpec().getRestart()).isEqualTo(always);
        await().atMost(LIMIT)
                .until(() -> get(container).getStatus().getRestarts() >= 6
                        && get(container).getStatus().getState().equals("restarting"));
        assertThat(server.containers()
                        .list(ListContainersRequest.getDefaultInstance())
                        .getContainersList())
                .extracting(Container::getId)
                .contains(container.getId());
        String path = "/v1/containers/" + container.getId();
        assertThat(server.get(path + "/stdout").headers().firstValue("x-tailrace-complete"))
                .hasValue("false");

        HttpResponse<InputStream> rest = server.http.send(
                server.request(path + "/timeline", "last-event-id", lastId(path))
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(rest.statusCode()).isEqualTo(200);

        server.containers()
                .stop(StopContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        try (InputStream body = rest.body()) {
            assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8))
                    .as("it ends when no run follows any more")
                    .contains("\"state\":\"exited\"");
        }
        assertThat(get(container).getStatus().getState()).isEqualTo("exited");
        assertThat(server.get(path + "/stdout").headers().firstValue("x-tailrace-complete"))
                .hasValue("true");
        assertThat(server.get(path + "/timeline", "last-event-id", lastId(path)).statusCode())
                .isEqualTo(204);
    }

    private static String lastId(String path) throws Exception {
        String recorded = server.get(path + "/timeline?end=now").body();
        return recorded.substring(recorded.lastIndexOf("id: ") + 4)
                .lines()
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aLimitThatNothingUsesIsRefused() {
        var policy = RestartPolicy.newBuilder()
                .setKind(RestartPolicy.Kind.KIND_UNLESS_STOPPED)
                .setRetriesMax(3)
                .build();
        assertThatThrownBy(() -> server.containers().create(request(policy)))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        refused -> assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT))
                .hasMessageContaining("restart retries: 3");
    }
}
