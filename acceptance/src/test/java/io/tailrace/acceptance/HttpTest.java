package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What one can do with the server with nothing but curl. */
@Acceptance
class HttpTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final TailraceServerProcess server;

    HttpTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    void aContainerIsMadeFollowedAndRemovedWithJson() throws IOException {
        try (Http http = new Http(server)) {
            JsonNode made = json(http.post("/v1/containers", """
                    {"name": "by-json", "start": true,
                     "spec": {"image": "busybox", "command": ["sh", "-c", "read line; echo $line; exit 3"],
                              "network": "NETWORK_MODE_NONE", "stdin": true, "labels": {"made": "by-json"}}}
                    """).body());
            String id = made.path("id").asText();
            assertThat(id).matches("[0-9a-f]{64}");
            assertThat(made.path("status").path("state").asText()).isEqualTo("running");
            assertThat(json(http.get("/v1/containers?labels[made]=by-json").body())
                            .path("containers"))
                    .isNotEmpty();
            assertThat(json(http.get("/v1/containers/by-json").body())
                            .path("id")
                            .asText())
                    .isEqualTo(id);
            assertThat(json(http.get("/v1/containers/by-json/stats").body())
                            .path("memoryBytes")
                            .asLong())
                    .isPositive();

            assertThat(http.post("/v1/containers/by-json/pause", "{}").statusCode())
                    .isEqualTo(200);
            assertThat(http.post("/v1/containers/by-json/resume", "{}").statusCode())
                    .isEqualTo(200);
            assertThat(http.post("/v1/containers/by-json/kill", "{\"signal\": \"TERM\"}")
                            .statusCode())
                    .isEqualTo(200);
            JsonNode ended = json(http.post("/v1/containers/by-json/stop", "{\"grace\": \"0.5s\"}")
                    .body());
            assertThat(ended.path("status").path("state").asText()).isEqualTo("exited");
            assertThat(http.delete("/v1/containers/by-json").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void eventsHaveTheirPlacesAndGoOnBehindTheLastOne() throws IOException {
        String id = server.api()
                .run("for i in 1 2 3 4 5; do echo $i; sleep 0.05; done; exit 4")
                .getId();
        String path = "/v1/containers/" + id + "/timeline";
        try (Http http = new Http(server)) {
            Followed followed = new Followed();
            try (SseReader events = new SseReader(http.stream(path))) {
                for (int i = 0; i < 4; i++) {
                    SseReader.Event event = events.next();
                    assertThat(event).isNotNull();
                    assertThat(event.id()).isNotEmpty();
                    followed.accept(event.record());
                    assertThat(followed.cursor()).isEqualTo(event.id());
                }
            }
            try (SseReader events = new SseReader(http.stream(path, "Last-Event-ID", followed.cursor()))) {
                events.readInto(followed);
            }
            assertThat(followed.stdoutText()).isEqualTo("1\n2\n3\n4\n5\n");
            assertThat(followed.exit().getExitCode()).isEqualTo(4);
        }
    }

    @Test
    void curlFollowsATimelineAsEventsAndAStreamAsBytes() {
        String id = server.api().run("echo one; sleep 0.3; printf two; exit 4").getId();
        String base = server.uri("/v1/containers/" + id).toString();
        String events = curl(base + "/timeline");
        assertThat(events).contains("event: output", "event: exit", "id: ");
        assertThat(curl(base + "/stdout?follow=true")).isEqualTo("one\ntwo");
        assertThat(curl(base + "/stdout?offset=4")).isEqualTo("two");
        assertThat(curl(base + "/stderr")).isEmpty();
    }

    @Test
    void rawBytesFollowFromAnyOffset() throws IOException {
        String id = server.api()
                .run(
                        "read line; echo 0123456789; read line; echo abcdef",
                        spec -> spec.setStdin(true).setTty(false))
                .getId();
        try (Http http = new Http(server);
                Command stdin = Command.startInteractive(server.commandLine("attach", id))) {
            stdin.stdin().write('\n');
            stdin.stdin().flush();
            Waiting.until(
                    "the first line",
                    LIMIT,
                    () -> server.api().get(id).getStatus().getStdoutLength() == 11);
            try (InputStream bytes = http.stream("/v1/containers/" + id + "/stdout?offset=5&follow=true")) {
                assertThat(new String(bytes.readNBytes(6), StandardCharsets.US_ASCII))
                        .isEqualTo("56789\n");
                stdin.stdin().write('\n');
                stdin.stdin().flush();
                assertThat(new String(bytes.readAllBytes(), StandardCharsets.US_ASCII))
                        .isEqualTo("abcdef\n");
            }
            // Without following, it is what is there.
            assertThat(http.get("/v1/containers/" + id + "/stdout?offset=11").body())
                    .isEqualTo("abcdef\n");
        }
    }

    @Test
    void aStreamThatIsCutShortDoesNotLookComplete() {
        String id = server.api().run("while :; do echo tick; sleep 0.05; done").getId();
        try (Command curl = Command.start(curlLine(
                server.uri("/v1/containers/" + id + "/stdout?follow=true").toString()))) {
            Waiting.until("the first bytes", LIMIT, () -> curl.stdoutSoFar().length > 0);
            server.kill();
            // 18: partial file; 56: failure in receiving.
            assertThat(curl.await(LIMIT).exitCode()).isIn(18, 56);
        } finally {
            server.startAgain();
        }
        server.api().remove(id);
    }

    @Test
    void theFeedTellsOfAllContainers() throws IOException {
        try (Http http = new Http(server);
                SseReader events = new SseReader(http.stream("/v1/feed"))) {
            String id = server.api().run("exit 7").getId();
            JsonNode exited = null;
            while (exited == null) {
                SseReader.Event event = events.next();
                assertThat(event).as("the feed goes on").isNotNull();
                JsonNode json = event.json();
                if (json.path("container").asText().equals(id) && event.type().equals("exited")) {
                    exited = json;
                }
            }
            assertThat(exited.path("exitCode").asInt()).isEqualTo(7);
        }
    }

    @Test
    void healthMetricsAndServicePageAreThere() {
        try (Http http = new Http(server)) {
            assertThat(http.get("/health/live").statusCode()).isEqualTo(200);
            assertThat(http.get("/health/ready").statusCode()).isEqualTo(200);
            assertThat(http.get("/metrics").body()).contains("tailrace_", "jvm_memory");
            assertThat(http.get("/docs/").statusCode()).isEqualTo(200);
            assertThat(http.get("/v1/info").body()).contains("containerd");
        }
    }

    @Test
    void reflectionNamesAllServices() throws Exception {
        assertThat(reflectedServices())
                .contains(
                        "dagger.exec.Exec",
                        "tailrace.v1.Containers",
                        "tailrace.v1.Execs",
                        "tailrace.v1.Images",
                        "tailrace.v1.Timelines",
                        "tailrace.v1.System");
    }

    private List<String> reflectedServices() throws Exception {
        CompletableFuture<List<String>> services = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> requests = ServerReflectionGrpc.newStub(
                        server.api().channel())
                .serverReflectionInfo(new StreamObserver<>() {
                    @Override
                    public void onNext(ServerReflectionResponse response) {
                        services.complete(response.getListServicesResponse().getServiceList().stream()
                                .map(ServiceResponse::getName)
                                .toList());
                    }

                    @Override
                    public void onError(Throwable cause) {
                        services.completeExceptionally(cause);
                    }

                    @Override
                    public void onCompleted() {}
                });
        requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        try {
            return services.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } finally {
            requests.onCompleted();
        }
    }

    private static String curl(String url) {
        return Command.run(LIMIT, curlLine(url)).succeeded().stdout();
    }

    private static List<String> curlLine(String url) {
        return List.of("curl", "-sSN", "--fail", "-H", "Authorization: Bearer " + TailraceServerProcess.TOKEN, url);
    }

    private static JsonNode json(String text) throws IOException {
        return JSON.readTree(text);
    }
}
