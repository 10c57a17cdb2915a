package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PagesTest {
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
    void theIndexNamesWhatIsHere() throws Exception {
        assertThat(server.get("/").body()).contains("/v1/containers", "/docs/", "/metrics");
    }

    @Test
    void theDocumentationShowsEveryService() throws Exception {
        assertThat(server.get("/docs/").body()).contains("<html");
        assertThat(server.get("/docs/specification.json").body())
                .contains("tailrace.v1.Containers", "tailrace.v1.Timelines", "dagger.exec.Exec");
    }

    @Test
    void metricsCountContainersStreamsAndRequests() throws Exception {
        server.ran("print", "1000");
        HttpResponse<String> metrics = server.get("/metrics");
        assertThat(metrics.body())
                .contains("tailrace_containers{state=\"exited\"} 1.0")
                .contains("tailrace_recorded_bytes{stream=\"stdout\"} 1000.0")
                .contains("tailrace_streams ", "tailrace_requests_", "jvm_memory_used_bytes");
    }

    @Test
    void healthIsSaid() throws Exception {
        assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
        assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void callsAreMadeInJson() throws Exception {
        HttpResponse<String> made = server.post(
                "/v1/containers",
                "{\"name\":\"json\",\"spec\":{\"image\":\"busybox\",\"command\":[\"exit\",\"3\"]},\"start\":true}");
        assertThat(made.statusCode()).isEqualTo(200);
        assertThat(server.post("/v1/containers/json/wait", "{}").body()).contains("\"exitCode\":3");
        assertThat(server.get("/v1/containers?all=true").body()).contains("\"name\":\"json\"");
        HttpResponse<String> removed = server.http.send(
                server.request("/v1/containers/json").DELETE().build(), HttpResponse.BodyHandlers.ofString());
        assertThat(removed.statusCode()).isEqualTo(200);
    }
}
