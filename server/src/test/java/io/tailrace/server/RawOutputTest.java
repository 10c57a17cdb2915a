package io.tailrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.api.v1.Container;
import io.tailrace.runtime.conformance.Scripts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawOutputTest {
    private static final int BYTES = 300_000;

    private static TestServer server;
    private static Container printed;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        printed = server.ran("print", Integer.toString(BYTES));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpResponse<byte[]> get(String path, String... headers) throws Exception {
        return server.http.send(server.request(path, headers).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String stdout(Container container) {
        return "/v1/containers/" + container.getId() + "/stdout";
    }

    private static byte[] slice(int from, int to) {
        return Arrays.copyOfRange(Scripts.pattern(BYTES), from, to);
    }

    @Test
    void theBytesComeAsTheyWereWritten() throws Exception {
        HttpResponse<byte[]> response = get(stdout(printed));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(slice(0, BYTES));
        assertThat(response.headers().firstValue("content-type")).hasValue("application/octet-stream");
        assertThat(response.headers().firstValueAsLong("content-length")).hasValue(BYTES);
        assertThat(response.headers().firstValueAsLong("x-tailrace-offset")).hasValue(0);
        assertThat(response.headers().firstValue("x-tailrace-complete")).hasValue("true");
        assertThat(get("/v1/containers/" + printed.getId() + "/stderr").body()).isEmpty();
    }

    @Test
    void theyBeginAndEndWhereAsked() throws Exception {
        assertThat(get(stdout(printed) + "?offset=299990").body()).isEqualTo(slice(299_990, BYTES));
        assertThat(get(stdout(printed) + "?offset=65530&length=20").body()).isEqualTo(slice(65_530, 65_550));
        assertThat(get(stdout(printed) + "?offset=65530&length=20&follow").body())
                .isEqualTo(slice(65_530, 65_550));
        assertThat(get(stdout(printed) + "?offset=299990&length=5000").body()).isEqualTo(slice(299_990, BYTES));
        assertThat(get(stdout(printed) + "?offset=300000").body()).isEmpty();
        assertThat(get(stdout(printed) + "?length=0").body()).isEmpty();
    }

    @Test
    void theyBeginWithTheLastLinesOrAtATime() throws Exception {
        Container container = server.ran("both", "one\ntwo\nthree", "x\n", "0");
        HttpResponse<byte[]> tail = get(stdout(container) + "?tail=2");
        assertThat(new String(tail.body(), UTF_8)).isEqualTo("two\nthree");
        assertThat(tail.headers().firstValueAsLong("x-tailrace-offset")).hasValue(4);
        assertThat(tail.headers().firstValueAsLong("content-length")).hasValue(9);
        assertThat(new String(get(stdout(container) + "?tail=1&follow").body(), UTF_8))
                .isEqualTo("three");
        assertThat(get(stdout(container) + "?tail=0").body()).isEmpty();
        assertThat(get(stdout(container) + "?tail=1&length=2").body()).isEqualTo("th".getBytes(UTF_8));
        assertThat(get(stdout(container) + "?tail=9&since=10m").body()).hasSize(13);
        assertThat(get(stdout(container) + "?until=0s").body()).hasSize(13);
        assertThat(get(stdout(container) + "?until=10m").body()).isEmpty();
        assertThat(get(stdout(container) + "?since=0s").body()).isEmpty();
        for (String query : List.of("tail=1&offset=1", "until=1s&follow", "until=1s&length=1", "since=x", "tail=x")) {
            assertThat(get(stdout(container) + "?" + query).statusCode()).isEqualTo(400);
        }
    }

    @Test
    void aRangeHeaderIsUnderstood() throws Exception {
        HttpResponse<byte[]> response = get(stdout(printed), "range", "bytes=10-19");
        assertThat(response.statusCode()).isEqualTo(206);
        assertThat(response.headers().firstValue("content-range")).hasValue("bytes 10-19/300000");
        assertThat(response.body()).isEqualTo(slice(10, 20));
        assertThat(get(stdout(printed), "range", "bytes=299990-").body()).isEqualTo(slice(299_990, BYTES));
        assertThat(get(stdout(printed), "range", "bytes=-10").body()).isEqualTo(slice(299_990, BYTES));
        assertThat(get(stdout(printed), "range", "bytes=299990-999999999").body())
                .isEqualTo(slice(299_990, BYTES));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=0-1,3-4", "lines=1-2", "bytes=-", "bytes=9-3", "rubbish"})
    void aRangeThatIsNotUnderstoodIsIgnored(String range) throws Exception {
        HttpResponse<byte[]> response = get(stdout(printed), "range", range);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).hasSize(BYTES);
    }

    @Test
    void aRangeBehindTheEndIsNotSatisfiable() throws Exception {
        HttpResponse<byte[]> response = get(stdout(printed), "range", "bytes=300000-300001");
        assertThat(response.statusCode()).isEqualTo(416);
        assertThat(response.headers().firstValue("content-range")).hasValue("bytes */300000");
        assertThat(get(stdout(printed) + "?offset=300001").statusCode()).isEqualTo(416);
        assertThat(get(stdout(printed) + "?offset=300001&follow").statusCode()).isEqualTo(416);
    }

    @ParameterizedTest
    @ValueSource(strings = {"?offset=-1", "?offset=x", "?length=-5", "?follow=perhaps", "?lines=3"})
    void wrongParametersAreRefused(String query) throws Exception {
        assertThat(get(stdout(printed) + query).statusCode()).isEqualTo(400);
    }

    @Test
    void whatDoesNotExistIsNotFound() throws Exception {
        assertThat(get("/v1/containers/nobody/stdout").statusCode()).isEqualTo(404);
        assertThat(get("/v1/containers/" + printed.getId() + "/execs/none/stderr")
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void aFollowEndsWithTrailersThatProveIt() throws Exception {
        Container container = server.run("sh", "-c", "echo one; sleep 0.2; echo two; exit 6");
        String response = raw(stdout(container) + "?follow");
        assertThat(response).startsWith("HTTP/1.1 200").contains("transfer-encoding: chunked");
        var crc32 = new CRC32();
        crc32.update("one\ntwo\n".getBytes(StandardCharsets.UTF_8));
        assertThat(response)
                .contains("one\n", "two\n")
                .contains("\r\n0\r\n")
                .contains("x-tailrace-length: 8")
                .contains("x-tailrace-crc32: %08x".formatted(crc32.getValue()))
                .contains("x-tailrace-exit-code: 6")
                .contains("x-tailrace-exit-reason: exited");
    }

    @Test
    void whatIsRecordedSoFarIsNotCalledComplete() throws Exception {
        Container container = server.run("stubborn");
        HttpResponse<byte[]> response = get(stdout(container));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("x-tailrace-complete")).hasValue("false");
    }

    @Test
    void aFollowThatIsCutOffHasNoProperEnd() throws Exception {
        var other = TestServer.start();
        Container container = other.run("stubborn");
        try (var socket = new Socket(
                InetAddress.getLoopbackAddress(), other.server.httpUri().getPort())) {
            send(socket, stdout(container) + "?follow");
            var answer = new ByteArrayOutputStream();
            while (!answer.toString(StandardCharsets.UTF_8).contains("ready\n")) {
                answer.write(socket.getInputStream().read());
            }
            other.close();
            byte[] rest = readToEnd(socket);
            assertThat(new String(rest, StandardCharsets.UTF_8)).doesNotContain("0\r\n");
        }
    }

    private static String raw(String path) throws IOException {
        try (var socket = new Socket(
                InetAddress.getLoopbackAddress(), server.server.httpUri().getPort())) {
            send(socket, path);
            return new String(readToEnd(socket), StandardCharsets.UTF_8);
        }
    }

    private static void send(Socket socket, String path) throws IOException {
        String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
    }

    /** To the end, however it comes: in order or by a reset. */
    private static byte[] readToEnd(Socket socket) {
        var bytes = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(bytes);
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("reset");
        }
        return bytes.toByteArray();
    }
}
