package io.tailrace.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.runtime.conformance.Scripts;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class Http2UpgradeTest {
    /** More than a client reads at once. */
    private static final int BYTES = 300_000;

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
    void javasOwnClientHasAllOfAnAnswerThatComesAtOnce() throws Exception {
        String path =
                "/v1/containers/" + server.ran("print", Integer.toString(BYTES)).getId() + "/stdout";
        byte[] expected = Scripts.pattern(BYTES);
        for (int i = 0; i < 100; i++) {
            // One that asks for the upgrade with its first request, as all do by default.
            try (HttpClient client = HttpClient.newHttpClient()) {
                var response = client.send(server.request(path).build(), HttpResponse.BodyHandlers.ofByteArray());
                assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
                assertThat(response.body()).isEqualTo(expected);
            }
        }
    }

    @Test
    void aRequestThatArrivesByteByByteIsUnderstood() throws IOException {
        URI uri = server.server.httpUri();
        try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
            socket.setTcpNoDelay(true);
            String request = """
                    GET /health/live HTTP/1.1
                    Host: localhost
                    Connection: close, Upgrade, HTTP2-Settings
                    Upgrade: h2c
                    HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA

                    """.replace("\n", "\r\n");
            for (byte next : request.getBytes(ISO_8859_1)) {
                socket.getOutputStream().write(next);
            }
            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void thoseWhoBeginWithHttp2SpeakIt() {
        // A gRPC client knows nothing else.
        assertThat(server.run("true").getId()).isNotEmpty();
    }
}
