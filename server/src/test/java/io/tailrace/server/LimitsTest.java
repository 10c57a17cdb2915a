package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.api.v1.FollowFeedRequest;
import io.tailrace.api.v1.FollowFeedResponse;
import io.tailrace.api.v1.ImageProgress;
import io.tailrace.api.v1.ImagesGrpc;
import io.tailrace.api.v1.ImportImageRequest;
import io.tailrace.api.v1.ImportOpen;
import io.tailrace.api.v1.TimelinesGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LimitsTest {
    private static final int STREAMS_MAX = 3;
    private static final int MIB = 1 << 20;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(config -> {
            var limits = config.limits();
            return config.withLimits(new ServerConfig.Limits(
                    limits.requestBytesMax(),
                    limits.connectionsMax(),
                    STREAMS_MAX,
                    limits.containersMax(),
                    limits.execsPerContainerMax(),
                    limits.feedRecordsMax(),
                    limits.sessionsMax(),
                    limits.sessionsPerContainerMax()));
        });
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void moreStreamsThanAllowedAreRefusedAndThoseThereAreGoOn() {
        List<Answers<FollowFeedRequest, FollowFeedResponse>> open = java.util.stream.Stream.generate(LimitsTest::feed)
                .limit(STREAMS_MAX)
                .toList();
        open.forEach(answers -> assertThat(answers.next().hasHeartbeat()).isTrue());
        assertThat(feed().end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        server.create("true");
        open.forEach(
                answers -> assertThat(answers.next().getRecord().getEvent()).isEqualTo("created"));
        open.forEach(Answers::cancel);
        org.awaitility.Awaitility.await().until(() -> server.server.streams() == 0);
    }

    private static Answers<FollowFeedRequest, FollowFeedResponse> feed() {
        var answers = Answers.<FollowFeedRequest, FollowFeedResponse>flowing();
        TimelinesGrpc.newStub(server.channel).followFeed(FollowFeedRequest.getDefaultInstance(), answers);
        return answers;
    }

    @Test
    void aHugeMessageIsRefused() {
        var request = TestServer.newContainer("echo", "x".repeat(5 * MIB)).build();
        assertThatThrownBy(() -> server.containers().create(request))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        failure -> assertThat(failure.getStatus().getCode())
                                .as(failure.getMessage())
                                .isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
        assertThat(server.run("true").getId()).hasSize(64);
    }

    @Test
    void aMessageOfAnotherTypeIsRefused() throws Exception {
        // A frame of gRPC around a byte that no message begins with.
        byte[] frame = {0, 0, 0, 0, 1, (byte) 0xff};
        var request = server.request("/tailrace.v1.Containers/Get")
                .header("content-type", "application/grpc+proto")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofByteArray(frame))
                .build();
        var response = server.http.send(request, java.net.http.HttpResponse.BodyHandlers.ofString());
        assertThat(response.headers().firstValue("grpc-status"))
                .hasValue(Integer.toString(Status.Code.INVALID_ARGUMENT.value()));
    }

    @Test
    void aHugeStreamedMessageIsRefused() {
        var answers = Answers.<ImportImageRequest, ImageProgress>flowing();
        var requests = ImagesGrpc.newStub(server.channel).import_(answers);
        requests.onNext(ImportImageRequest.newBuilder()
                .setData(ByteString.copyFrom(new byte[5 * MIB]))
                .build());
        assertThat(answers.end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }

    @Test
    void aHugeJsonRequestIsRefused() throws Exception {
        var response = server.post("/v1/containers", "{\"name\":\"" + "x".repeat(5 * MIB) + "\"}");
        assertThat(response.statusCode()).isEqualTo(413);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "\"text\"",
                "{\"spec\":7}",
                "{\"nme\":\"x\"}",
                "{\"name\":{\"a\":1}}",
                "\u0000",
                "{\"spec\":{\"limits\":{\"memoryBytes\":\"many\"}}}"
            })
    void malformedJsonIsRefused(String body) throws Exception {
        var response = server.post("/v1/containers", body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(response.body()).contains("\"code\"").doesNotContain("at io.", "Exception");
    }

    @Test
    void whatHasNoRouteIsNotFound() throws Exception {
        assertThat(server.get("/v2/everything").statusCode()).isEqualTo(404);
        assertThat(server.get("/v2/everything").body()).contains("\"NOT_FOUND\"");
        assertThat(server.post("/v1/feed", "{}").statusCode()).isEqualTo(405);
    }

    @Test
    void rubbishOnTheSocketHarmsNobody() throws Exception {
        var random = new Random(20_250_101);
        for (int i = 0; i < 50; i++) {
            byte[] rubbish = new byte[random.nextInt(2_000) + 1];
            random.nextBytes(rubbish);
            write(rubbish);
        }
        write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nrubbish after the preface".getBytes(StandardCharsets.UTF_8));
        write(("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "y".repeat(100_000)).getBytes(StandardCharsets.UTF_8));
        assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
    }

    private static void write(byte[] bytes) throws IOException {
        try (var socket = new Socket(
                InetAddress.getLoopbackAddress(), server.server.httpUri().getPort())) {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            // The server has hung up already, which is its right.
            assertThat(e).isNotNull();
        }
    }

    @Test
    void anImportMayBeLargerThanAnyMessage() {
        var answers = Answers.<ImportImageRequest, ImageProgress>flowing();
        var requests = ImagesGrpc.newStub(server.channel).import_(answers);
        requests.onNext(ImportImageRequest.newBuilder()
                .setOpen(ImportOpen.newBuilder().setReference("imported"))
                .build());
        ByteString chunk = ByteString.copyFrom(new byte[65_536]);
        for (int i = 0; i < 160; i++) {
            requests.onNext(ImportImageRequest.newBuilder().setData(chunk).build());
        }
        requests.onCompleted();
        ImageProgress last = answers.all().getLast();
        assertThat(last.getImages(0).getReferences(0)).isEqualTo("docker.io/library/imported:latest");
    }
}
