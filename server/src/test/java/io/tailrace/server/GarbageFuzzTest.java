package io.tailrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.ContainerSpec;
import io.tailrace.api.v1.CreateContainerRequest;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.ListContainersRequest;
import io.tailrace.api.v1.RemoveContainerRequest;
import io.tailrace.api.v1.StopContainerRequest;
import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import io.tailrace.delivery.fuzz.FuzzInput;
import io.tailrace.delivery.fuzz.FuzzPlace;
import io.tailrace.delivery.fuzz.Fuzzing;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What strangers may send to a server's doors, and people write into its configuration. */
@DeliveryTest
class GarbageFuzzTest {
    private static final int WAIT_MILLIS = 30_000;
    /** For what may rightly wait for something to happen. */
    private static final int STREAM_WAIT_MILLIS = 50;

    private static final int INTERNAL = 500;
    private static final Path FILE = FuzzPlace.make().resolve("configuration.yaml");
    private static final List<String> PROCESS_ROUTES =
            List.of("", "/timeline", "/stdout", "/stderr", "/execs", "/stats");
    private static final List<String> PARAMETERS = List.of(
            "cursor", "from", "last", "kinds", "streams", "end", "offset", "length", "follow", "container", "all");
    private static final List<String> POSTS = List.of(
            "/v1/containers",
            "/v1/containers/ID/execs",
            "/v1/containers/ID/start",
            "/v1/containers/ID/stop",
            "/v1/containers/ID/kill",
            "/v1/containers/ID/resize",
            "/v1/containers/ID/restart",
            "/v1/containers");
    private static final List<String> CALLS = List.of(
            "tailrace.v1.Containers/Create",
            "tailrace.v1.Execs/Create",
            "tailrace.v1.Containers/Kill",
            "tailrace.v1.Containers/Stop",
            "tailrace.v1.Timelines/Resize",
            "tailrace.v1.Containers/List",
            "tailrace.v1.Images/Get",
            "dagger.exec.Exec/ContainerStatus",
            "dagger.exec.Exec/ContainerSignal",
            "tailrace.v1.Timelines/Follow",
            "tailrace.v1.Timelines/FollowFeed",
            "tailrace.v1.Timelines/Input",
            "tailrace.v1.Containers/Wait",
            "dagger.exec.Exec/ContainerLifecycle",
            "dagger.exec.Exec/Session");
    private static final int UNARY_CALLS = 9;

    private static @Nullable TestServer server;
    private static String container = "";

    /** One for all inputs; it ends with the process. */
    private static synchronized TestServer server() {
        TestServer running = server;
        if (running == null) {
            running = TestServer.start(config -> config.withLimits(new ServerConfig.Limits(
                    64 << 10, 10_000, 10_000, 1 << 20, 1_000_000, 1_000, 1_000_000, 1_000_000)));
            container = running.ran("true").getId();
            Runtime.getRuntime().addShutdownHook(new Thread(running::close, "fuzz-clean-up"));
            server = running;
        }
        return running;
    }

    @Test
    @Promise({4, 7})
    void aRequestOfGarbageIsAnsweredWithAFailureOfTheServer(Ledger ledger) throws Exception {
        server();
        Fuzzing.attack(ledger, GarbageFuzzTest.class, "http", 150);
    }

    static List<byte[]> httpSeeds() {
        return List.of(
                FuzzInput.of(0, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"),
                FuzzInput.of(1, 1, 0, 2, 0, 0, 0, "a~1", 5, 1, 1, "now", 0),
                FuzzInput.of(1, 2, 0, 2, 6, 1, "5", 7, 1, "7", 1, "bytes=3-9", ""),
                FuzzInput.of(1, 3, 1, 0, 1, "bytes=-0", ""),
                FuzzInput.of(
                        2,
                        0,
                        "{\"spec\":{\"image\":\"busybox\",\"command\":[\"true\"],\"stopGrace\":\"1.5s\",\"labels\":{\"a\":\"\\u00e9\"}}}"),
                FuzzInput.of(2, 0, "{\"spec\":{\"image\":\"busybox\",\"labels\":{\"a\":\"\\ud800\"}}}"),
                FuzzInput.of(2, 1, "{\"command\":[\"true\"],\"environment\":{\"A\":\"b\"}}"),
                FuzzInput.of(2, 4, "{\"signal\":\"TERM\"}"));
    }

    /** Whatever it is, the client is told that it is wrong, or gets what it asked for. */
    static void http(byte[] input) throws IOException {
        TestServer running = server();
        FuzzInput in = new FuzzInput(input);
        int kind = in.below(3);
        RawCall answer = switch (kind) {
            case 0 -> RawCall.send(running.server.httpUri(), in.piece(16_000), STREAM_WAIT_MILLIS);
            case 1 -> get(in, running);
            default -> post(in, running);
        };
        assertThat(answer.status()).as(answer.head()).isBetween(kind == 0 ? -1 : 0, INTERNAL - 1);
        if (kind == 2) {
            serves(running);
        }
    }

    private static RawCall post(FuzzInput in, TestServer running) throws IOException {
        String path = POSTS.get(in.below(POSTS.size())).replace("ID", container);
        byte[] request = RawCall.request("POST " + path, "content-type: application/json\r\n", in.piece(16_000));
        return RawCall.send(running.server.httpUri(), request, WAIT_MILLIS);
    }

    private static RawCall get(FuzzInput in, TestServer running) throws IOException {
        String route = PROCESS_ROUTES.get(in.below(PROCESS_ROUTES.size()));
        StringBuilder line = new StringBuilder("GET /v1/containers/")
                .append(in.flag() ? encoded(in.text(200)) : container)
                .append(route)
                .append("?end=now");
        for (int left = in.below(4); left > 0; left--) {
            String name = PARAMETERS.get(in.below(PARAMETERS.size()));
            line.append('&').append(in.flag() ? name : encoded(in.text(50))).append('=');
            line.append(encoded(in.text(400).replace("a~", container + "~")));
        }
        String range = in.flag() ? "range: " + header(in) + "\r\n" : "";
        String id = in.flag() ? "last-event-id: " + header(in) + "\r\n" : "";
        return RawCall.send(
                running.server.httpUri(), RawCall.request(line.toString(), range + id, new byte[0]), WAIT_MILLIS);
    }

    private static String header(FuzzInput in) {
        return in.text(300).replaceAll("[\r\n]", " ");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    @Test
    @Promise({4, 7})
    void aMessageOfGarbageIsAnsweredWithAFailureOfTheServer(Ledger ledger) throws Exception {
        server();
        Fuzzing.attack(ledger, GarbageFuzzTest.class, "grpc", 150);
    }

    static List<byte[]> grpcSeeds() {
        ContainerSpec spec = ContainerSpec.newBuilder()
                .setImage("busybox")
                .addCommand("true")
                .putLabels("a", "b")
                .setStopGrace(com.google.protobuf.Duration.newBuilder().setSeconds(Long.MAX_VALUE))
                .build();
        return List.of(
                called(0, CreateContainerRequest.newBuilder().setSpec(spec).build()),
                called(3, StopContainerRequest.newBuilder().setContainer("x").build()),
                called(
                        9,
                        FollowRequest.newBuilder().setContainer("x").setLast(-1).build()));
    }

    private static byte[] called(int call, Message message) {
        byte[] bytes = message.toByteArray();
        return ByteBuffer.allocate(bytes.length + 1).put((byte) call).put(bytes).array();
    }

    /** By gRPC-Web, whose answers tell in their head what failed before there was a message. */
    static void grpc(byte[] input) throws IOException {
        TestServer running = server();
        FuzzInput in = new FuzzInput(input);
        int call = in.below(CALLS.size());
        byte[] message = in.rest();
        byte[] body = ByteBuffer.allocate(5 + message.length)
                .putInt(1, message.length)
                .put(5, message)
                .array();
        RawCall answer = RawCall.send(
                running.server.httpUri(),
                RawCall.request("POST /" + CALLS.get(call), "content-type: application/grpc-web+proto\r\n", body),
                call < UNARY_CALLS ? WAIT_MILLIS : STREAM_WAIT_MILLIS);
        assertThat(answer.status()).as(answer.head()).isLessThan(INTERNAL);
        // UNKNOWN, INTERNAL, DATA_LOSS.
        assertThat(answer.grpcStatus()).as(answer.head()).isNotIn("2", "13", "15");
        serves(running);
    }

    /** Lists all there is in both encodings, and removes what an input has made. */
    private static void serves(TestServer running) throws IOException {
        byte[] list = RawCall.request("GET /v1/containers?all=true", "", new byte[0]);
        RawCall listed = RawCall.send(running.server.httpUri(), list, WAIT_MILLIS);
        assertThat(listed.status()).as(listed.head()).isEqualTo(200);
        for (Container other : running.containers()
                .list(ListContainersRequest.newBuilder().setAll(true).build())
                .getContainersList()) {
            if (!other.getId().equals(container)) {
                running.containers()
                        .remove(RemoveContainerRequest.newBuilder()
                                .setContainer(other.getId())
                                .setForce(true)
                                .build());
            }
        }
    }

    @Test
    @Promise({4})
    void jsonOfGarbageBecomesAMessageThatCannotBeWritten(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, GarbageFuzzTest.class, "json", 5_000);
    }

    static List<byte[]> jsonSeeds() {
        return List.of(
                "{\"spec\":{\"image\":\"b\",\"stopGrace\":\"1.5s\",\"labels\":{\"a\":\"\\ud83d\\ude00\"},\"limits\":{\"cpuNanos\":\"1\"}}}"
                        .getBytes(UTF_8),
                "{\"name\":\"\\udc00\"}".getBytes(UTF_8),
                "[".repeat(5_000).getBytes(UTF_8),
                "{\"spec\":".repeat(2_000).getBytes(UTF_8));
    }

    /** Refused as the client's mistake, or a message that survives both encodings. */
    static void json(byte[] input) throws IOException {
        Marshaller<CreateContainerRequest> marshaller =
                ProtoUtils.marshaller(CreateContainerRequest.getDefaultInstance());
        JsonMessages json = new JsonMessages();
        CreateContainerRequest message;
        try {
            message = json.deserializeMessage(marshaller, new ByteArrayInputStream(input));
        } catch (StatusRuntimeException refused) {
            assertThat(refused.getStatus().getCode()).isEqualTo(io.grpc.Status.Code.INVALID_ARGUMENT);
            assertThat(String.valueOf(refused.getStatus().getDescription())).hasSizeLessThan(1_100);
            return;
        }
        assertThat(CreateContainerRequest.parseFrom(message.toByteString())).isEqualTo(message);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        json.serializeMessage(marshaller, message, written);
        CreateContainerRequest again =
                json.deserializeMessage(marshaller, new ByteArrayInputStream(written.toByteArray()));
        assertThat(again).isEqualTo(message);
    }

    @Test
    @Promise({7})
    void aConfigurationOfGarbageEndsInAStackTrace(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, GarbageFuzzTest.class, "configuration", 1_000);
    }

    static List<byte[]> configurationSeeds() {
        return List.of(
                """
                dataDirectory: /srv/tailrace
                listen: {host: 0.0.0.0, port: 9000, unixSocket: ""}
                access:
                  tokens: [one, two]
                timelines:
                  retention: 7d
                  fsync: lifecycle
                """.getBytes(UTF_8),
                "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]".getBytes(UTF_8),
                "limits: {containersMax: 0x7f, streamsMax: 1_000, sessionsMax: 190:20:30}".getBytes(UTF_8),
                "dataDirectory: \"\\0\"".getBytes(UTF_8),
                "timelines: {retention: PT1000000000H, stopGrace: 9999999999d}".getBytes(UTF_8),
                "? [a]\n: !!binary aa\n--- x\n...".getBytes(UTF_8));
    }

    static void configuration(byte[] input) throws IOException {
        Files.write(FILE, input);
        try {
            ServerConfig config = ConfigFile.read(ServerConfig.defaults(FILE.resolveSibling("data")), FILE, Map.of());
            config.engine();
            assertThat(config.access().tokens()).doesNotContainNull();
            assertThat(config.listen().host()).isNotNull();
            assertThat(config.timelines().fsync()).isNotNull();
        } catch (ConfigException refused) {
            assertThat(refused).hasMessageNotContaining("\tat ");
        }
    }
}
