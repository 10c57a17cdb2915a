package io.tailrace.server;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.HttpService;

/** What a person finds who opens the server in a browser, or with curl. */
final class IndexPage {
    private static final String TEXT = """
            GET  /v1/info                                   the server and its runtime
            GET  /v1/containers?all=true                    containers
            POST /v1/containers                             {"spec":{"image":"busybox","command":["echo","hello"]},"start":true}
            GET  /v1/containers/{container}                 one; by id, prefix or name
            POST /v1/containers/{container}/{verb}          start, stop, restart, kill, pause, resume, wait
            GET  /v1/containers/{container}/timeline        what happens to it, as server-sent events
            GET  /v1/containers/{container}/stdout          its output, as raw bytes: ?follow, ?offset=n, ?length=n
            GET  /v1/containers/{container}/stderr
            POST /v1/containers/{container}/execs           {"command":["sh","-c","..."]}
            GET  /v1/containers/{container}/execs/{exec}/timeline, .../stdout, .../stderr
            GET  /v1/feed                                   what happens to all containers, as server-sent events
            GET  /v1/images                                 images
            GET  /docs/                                     every call, to read and to try
            GET  /health/live, /health/ready, /metrics

            gRPC, gRPC-Web and reflection on the same port: tailrace.v1.*, dagger.exec.Exec
            """;

    private IndexPage() {}

    static HttpService service() {
        String text = "Tailrace " + Version.current() + "\n\n" + TEXT;
        return (context, request) -> HttpResponse.of(HttpStatus.OK, MediaType.PLAIN_TEXT_UTF_8, text);
    }
}
