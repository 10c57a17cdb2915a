package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a client sends over HTTP, or throws at the port: one error as JSON that names the value, and the server lives on. */
@Acceptance
class BadHttpInputTest {
    private static final int HUGE_BYTES = 80 << 20;
    private static final int GARBAGE_ROUNDS = 50;
    private static final long SEED = 7;

    private final TailraceServerProcess server;

    BadHttpInputTest(TailraceServerProcess server) {
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
    Stream<DynamicTest> overHttp() {
        String id = server.api().run("echo hello").getId();
        server.api().await(id);
        String container = "/v1/containers/" + id;
        return Stream.of(
                answers(
                        "an unknown container",
                        404,
                        "nosuchcontainer",
                        http -> http.get("/v1/containers/nosuchcontainer")),
                answers("an unknown exec", 404, "nosuchexec", http -> http.get(container + "/execs/nosuchexec")),
                answers(
                        "an unknown exec's timeline",
                        404,
                        "nosuchexec",
                        http -> http.get(container + "/execs/nosuchexec/timeline")),
                answers(
                        "an unknown container's timeline",
                        404,
                        "nosuchcontainer",
                        http -> http.get("/v1/containers/nosuchcontainer/timeline")),
                answers(
                        "an unknown container's bytes",
                        404,
                        "nosuchcontainer",
                        http -> http.get("/v1/containers/nosuchcontainer/stdout")),
                answers("an unknown path", 404, "", http -> http.get("/v1/nosuchthing")),
                answers(
                        "a malformed cursor",
                        400,
                        "garbage",
                        http -> http.send(
                                http.request(container + "/timeline").header("Last-Event-ID", "garbage"),
                                HttpResponse.BodyHandlers.ofString())),
                answers("a malformed offset", 400, "minus", http -> http.get(container + "/stdout?offset=minus")),
                answers("a negative offset", 400, "-5", http -> http.get(container + "/stdout?offset=-5")),
                answers(
                        "an offset beyond the end",
                        416,
                        "7000000",
                        http -> http.get(container + "/stdout?offset=7000000")),
                answers("what is not JSON", 400, "", http -> http.post("/v1/containers", "{\"spec\": ")),
                answers("an empty body", 400, "", http -> http.post("/v1/containers", "")),
                answers(
                        "an unknown field",
                        400,
                        "nosuchfield",
                        http -> http.post("/v1/containers", "{\"nosuchfield\": 1}")),
                answers("a value of another type", 400, "", http -> http.post("/v1/containers", "{\"spec\": 7}")),
                answers(
                        "an unknown image",
                        404,
                        "nosuchimage",
                        http -> http.post("/v1/containers", "{\"spec\": {\"image\": \"nosuchimage\"}}")),
                answers(
                        "a bad signal",
                        400,
                        "SIGNONSENSE",
                        http -> http.post(container + "/kill", "{\"signal\": \"SIGNONSENSE\"}")),
                answers(
                        "a signal to what has exited",
                        409,
                        "exited",
                        http -> http.post(container + "/kill", "{\"signal\": \"TERM\"}")),
                answers("a huge body", 413, "", http -> http.post("/v1/containers", "x".repeat(HUGE_BYTES))));
    }

    @TestFactory
    Stream<DynamicTest> fromStrangers() {
        return Stream.of(
                answers(
                        "no token",
                        401,
                        "token",
                        http -> http.send(
                                http.requestWithoutToken("/v1/containers"), HttpResponse.BodyHandlers.ofString())),
                answers(
                        "a wrong token",
                        401,
                        "token",
                        http -> http.send(
                                http.requestWithoutToken("/v1/containers").header("authorization", "Bearer wrong"),
                                HttpResponse.BodyHandlers.ofString())),
                answers(
                        "a wrong token for a timeline",
                        401,
                        "token",
                        http -> http.send(
                                http.requestWithoutToken("/v1/feed").header("authorization", "Bearer wrong"),
                                HttpResponse.BodyHandlers.ofString())),
                answers(
                        "a page of another origin",
                        403,
                        "evil.example",
                        http -> http.send(
                                http.request("/v1/containers").header("origin", "http://evil.example"),
                                HttpResponse.BodyHandlers.ofString())),
                DynamicTest.dynamicTest(
                        "a name that was made to point here",
                        () -> assertThat(raw("GET /v1/containers HTTP/1.1\r\nHost: evil.example\r\n"
                                        + "Authorization: Bearer " + TailraceServerProcess.TOKEN
                                        + "\r\nConnection: close\r\n\r\n"))
                                .startsWith("HTTP/1.1 421")
                                .contains("evil.example")));
    }

    @Test
    void garbageOnTheSocketHurtsNobody() throws IOException {
        Random random = new Random(SEED);
        for (int round = 0; round < GARBAGE_ROUNDS; round++) {
            byte[] garbage = new byte[1 + random.nextInt(5000)];
            random.nextBytes(garbage);
            try (Socket socket = connect()) {
                socket.getOutputStream().write(garbage);
            } catch (IOException e) {
                // The server may hang up in the middle of it.
            }
        }
    }

    @Test
    void anHttpRequestThatStopsInTheMiddleIsForgotten() throws IOException {
        int before = server.usage().descriptors();
        for (int i = 0; i < 20; i++) {
            try (Socket socket = connect()) {
                socket.getOutputStream()
                        .write("POST /v1/containers HTTP/1.1\r\nContent-Length: 1000\r\n\r\n{"
                                .getBytes(StandardCharsets.US_ASCII));
            }
        }
        Waiting.until(
                "the connections to be closed",
                Duration.ofSeconds(10),
                () -> server.usage().descriptors() <= before + 5);
    }

    private interface HttpCall {
        HttpResponse<String> send(Http http);
    }

    private DynamicTest answers(String name, int status, String inMessage, HttpCall call) {
        return DynamicTest.dynamicTest(name, () -> {
            try (Http http = new Http(server)) {
                HttpResponse<String> response = call.send(http);
                assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
                assertThat(response.headers().firstValue("content-type").orElse(""))
                        .contains("application/json");
                assertThat(new ObjectMapper()
                                .readTree(response.body())
                                .path("code")
                                .asText())
                        .as(response.body())
                        .matches("[A-Z_]+");
                assertThat(response.body()).contains(inMessage);
            }
        });
    }

    private Socket connect() throws IOException {
        String[] address = server.address().split(":");
        Socket socket = new Socket(address[0], Integer.parseInt(address[1]));
        socket.setSoTimeout(10_000);
        return socket;
    }

    private String raw(String request) throws IOException {
        try (Socket socket = connect();
                InputStream in = socket.getInputStream()) {
            socket.getOutputStream().write(ByteString.copyFromUtf8(request).toByteArray());
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
