package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.tailrace.api.v1.GetInfoRequest;
import io.tailrace.api.v1.SystemGrpc;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class AccessTest {
    private static final String ORIGIN = "https://console.example.com";

    private static TestServer open;
    private static TestServer guarded;

    @BeforeAll
    static void start() {
        open = TestServer.start(config -> config.withAccess(
                new ServerConfig.Access(List.of(), "", List.of("tailrace.example.com"), List.of(ORIGIN))));
        guarded = TestServer.start(config -> TestServer.withToken(config, "first", "second"));
    }

    @AfterAll
    static void stop() {
        open.close();
        guarded.close();
    }

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void everyFormOfATokenLetsIn() throws Exception {
        for (String token : List.of("first", "second")) {
            for (String header :
                    List.of("Bearer " + token, "bearer " + token, basic(":" + token), basic(token + ":"))) {
                assertThat(guarded.get("/v1/info", "authorization", header).statusCode())
                        .as(header)
                        .isEqualTo(200);
                assertThat(call(header)).as(header).isEqualTo(Status.Code.OK);
            }
        }
    }

    @Test
    void anythingElseIsRefused() throws Exception {
        for (String header : List.of(
                "Bearer wrong",
                "Bearer ",
                "Bearer first second",
                "first",
                "Basic !!!",
                basic("first"),
                basic("user:first"),
                basic("first:second"),
                basic(":wrong"))) {
            assertThat(guarded.get("/v1/info", "authorization", header).statusCode())
                    .as(header)
                    .isEqualTo(401);
            assertThat(call(header)).as(header).isEqualTo(Status.Code.UNAUTHENTICATED);
        }
        var answer = guarded.get("/v1/info");
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("www-authenticate"))
                .hasValueSatisfying(
                        challenge -> assertThat(challenge).contains("Bearer").contains("Basic"));
        assertThat(answer.body()).contains("\"UNAUTHENTICATED\"").doesNotContain("first");
        assertThat(call(null)).isEqualTo(Status.Code.UNAUTHENTICATED);
    }

    private static Status.Code call(@Nullable String authorization) {
        var headers = new Metadata();
        if (authorization != null) {
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
        }
        try {
            SystemGrpc.newBlockingStub(guarded.channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                    .getInfo(GetInfoRequest.getDefaultInstance());
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health/live", "/health/ready"})
    void healthNeedsNoToken(String path) throws Exception {
        assertThat(guarded.get(path).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/metrics", "/docs/", "/v1/feed", "/v1/containers/x/stdout", "/nothing-here"})
    void everythingElseNeedsOne(String path) throws Exception {
        assertThat(guarded.get(path).statusCode()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "localhost:1234",
                "a.localhost",
                "127.0.0.1",
                "127.1.2.3:80",
                "[::1]:8080",
                "Tailrace.Example.Com:443"
            })
    void aHostThatIsThisServersIsAccepted(String host) throws Exception {
        assertThat(raw("GET /v1/info HTTP/1.1", "Host: " + host)).startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"evil.example.com", "192.0.2.7", "localhost.evil.com", "127.0.0.1.evil.com", "[2001:db8::1]"})
    void aReboundHostIsRefused(String host) throws Exception {
        assertThat(raw("GET /v1/info HTTP/1.1", "Host: " + host)).startsWith("HTTP/1.1 421");
    }

    @Test
    void aForeignPageIsRefusedAndAnAllowedOneIsNot() throws Exception {
        String own = "http://" + open.server.httpUri().getAuthority();
        assertThat(open.get("/v1/info", "origin", own).statusCode()).isEqualTo(200);
        assertThat(open.get("/v1/info", "origin", "https://evil.example.com").statusCode())
                .isEqualTo(403);
        assertThat(open.get("/v1/info", "origin", "null").statusCode()).isEqualTo(403);
        assertThat(open.get("/v1/feed", "origin", "https://evil.example.com").statusCode())
                .isEqualTo(403);
        var answer = open.get("/v1/info", "origin", ORIGIN);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("access-control-allow-origin")).hasValue(ORIGIN);
    }

    @Test
    void aPreflightOfGrpcWebIsAnswered() throws Exception {
        String preflight = raw(
                "OPTIONS /tailrace.v1.System/GetInfo HTTP/1.1",
                "Host: localhost",
                "Origin: " + ORIGIN,
                "Access-Control-Request-Method: POST",
                "Access-Control-Request-Headers: authorization,content-type,x-grpc-web");
        assertThat(preflight)
                .startsWith("HTTP/1.1 200")
                .contains("access-control-allow-origin: " + ORIGIN)
                .contains("x-grpc-web");
        assertThat(raw(
                        "OPTIONS /tailrace.v1.System/GetInfo HTTP/1.1",
                        "Host: localhost",
                        "Origin: https://evil.example.com",
                        "Access-Control-Request-Method: POST"))
                .startsWith("HTTP/1.1 403");
    }

    /** What the server answers to a request that java.net.http would not send: its head. */
    private static String raw(String... lines) throws IOException {
        try (var socket = new Socket(
                InetAddress.getLoopbackAddress(), open.server.httpUri().getPort())) {
            String request = String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            var reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            return String.join(
                    "\n", reader.lines().takeWhile(line -> !line.isEmpty()).toList());
        }
    }

    @Test
    void theUnixSocketIsItsOwnersAndNeedsNoToken() throws Exception {
        var path = guarded.server.unixSocket().orElseThrow();
        assertThat(Files.getPosixFilePermissions(path)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        var warnings = new ListAppender<ILoggingEvent>();
        warnings.start();
        var log = (Logger) LoggerFactory.getLogger(ServerBootstrap.class);
        log.addAppender(warnings);
        var group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        ManagedChannel channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(path.toFile()))
                .eventLoopGroup(group)
                .channelType(EpollDomainSocketChannel.class)
                .usePlaintext()
                .build();
        try {
            assertThat(SystemGrpc.newBlockingStub(channel)
                            .getInfo(GetInfoRequest.getDefaultInstance())
                            .getRuntime())
                    .isEqualTo("scripted");
            assertThat(warnings.list).isEmpty();
        } finally {
            log.detachAppender(warnings);
            channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    @Test
    void aServerThatOthersReachNeedsAToken() {
        assertThatThrownBy(() ->
                        TestServer.start(config -> config.withListen(new ServerConfig.Listen("0.0.0.0", 0, -1, ""))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("0.0.0.0")
                .hasMessageContaining("TAILRACE_TOKEN");
        try (var server = TestServer.start(config ->
                TestServer.withToken(config, "t").withListen(new ServerConfig.Listen("0.0.0.0", 0, -1, "")))) {
            assertThat(server.server.httpUri().getHost()).isEqualTo("127.0.0.1");
        }
    }

    @Test
    void aPortThatIsTakenIsNamed() {
        int taken = open.server.httpUri().getPort();
        assertThatThrownBy(() -> TestServer.start(
                        config -> config.withListen(new ServerConfig.Listen("127.0.0.1", taken, -1, ""))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(Integer.toString(taken));
    }

    @Test
    void aSecondPortServesTheSame() throws Exception {
        try (var server =
                TestServer.start(config -> config.withListen(new ServerConfig.Listen("127.0.0.1", 0, 0, "")))) {
            var uri = server.server.secondUri().orElseThrow();
            assertThat(uri.getPort()).isNotEqualTo(server.server.httpUri().getPort());
            assertThat(server.get(uri.resolve("/v1/info").toString()).statusCode())
                    .isEqualTo(200);
        }
    }
}
