package io.tailrace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TailraceTest {
    @ParameterizedTest
    @CsvSource({
        "unix:///run/t.sock, unix:///run/t.sock",
        "/run/t.sock, unix:///run/t.sock",
        "http://127.0.0.1:9000, http://127.0.0.1:9000",
        "localhost:9000, http://localhost:9000",
        "tcp://localhost, http://localhost:8080",
        "https://example.org, https://example.org:443"
    })
    void addressesAreReadAsPeopleWriteThem(String address, String expected) {
        assertThat(Endpoint.parse(address)).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"unix:relative", "ftp://x", "http://", "http://a b", "http://a:0", "http://a:65536"})
    void otherAddressesAreRefusedWithWhatWasExpected(String address) {
        assertThatThrownBy(() -> Endpoint.parse(address))
                .hasMessageContaining(address)
                .hasMessageContaining("expected");
    }

    @Test
    void theEnvironmentNamesTheServer() {
        assertThat(Endpoint.find(Map.of("TAILRACE_HOST", "http://h:1"))).hasToString("http://h:1");
    }

    @ParameterizedTest
    @CsvSource({"64m, 67108864", "1.5g, 1610612736", "4096, 4096", "64MiB, 67108864", "2kb, 2048", "10b, 10"})
    void sizesAreReadAsPeopleWriteThem(String text, long bytes) {
        assertThat(ByteSize.parse("memory", text)).isEqualTo(bytes);
    }

    @Test
    void aSizeThatIsNoneIsRefused() {
        assertThatThrownBy(() -> new ContainerSpec("busybox").memory("many"))
                .hasMessage("memory: \"many\" (expected: a size such as 64m, 1.5g or 4096)");
    }

    @Test
    void anIdIsChosenOnceSoThatARepeatedRequestIsRecognised() throws Exception {
        try (var server = new ScriptedServer();
                var tailrace = server.client().build()) {
            var spec = new ContainerSpec("busybox").command("true");
            tailrace.containers().run(spec);
            tailrace.containers().run(spec);
            assertThat(server.creates).hasSize(2);
            assertThat(server.creates.get(0).getId())
                    .matches("[0-9a-f]{64}")
                    .isEqualTo(server.creates.get(1).getId());
            assertThat(server.creates.get(0).getStart()).isTrue();
        }
    }

    @Test
    void aStatusWithoutDetailsStillHasACode() throws Exception {
        try (var server = new ScriptedServer();
                var tailrace = server.client().build()) {
            server.containerFailure = Status.ALREADY_EXISTS.withDescription("name: taken");
            assertThatThrownBy(() -> tailrace.containers().create("busybox", spec -> spec.name("taken")))
                    .hasMessage("name: taken")
                    .isInstanceOfSatisfying(
                            TailraceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ALREADY_EXISTS));
        }
    }

    @Test
    void aServerThatIsNotThereIsUnavailableAtOnce() throws IOException {
        try (var tailrace = Tailrace.builder().address("unix:///nowhere/t.sock").build()) {
            assertThatThrownBy(tailrace::info)
                    .hasMessage("cannot reach the server at unix:///nowhere/t.sock: no such file")
                    .isInstanceOfSatisfying(
                            TailraceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
        }
        assertThat(Tailrace.builder().address("unix:///nowhere/t.sock").isReachable())
                .isFalse();
    }

    @Test
    void aUnixSocketIsAsGoodAsAPort(@TempDir Path directory) throws Exception {
        var socket = directory.resolve("t.sock");
        var loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        var builder = NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops);
        try (var server = new ScriptedServer(builder);
                var tailrace = Tailrace.builder().address("unix://" + socket).build()) {
            assertThat(Tailrace.builder().address("unix://" + socket).isReachable())
                    .isTrue();
            var container = tailrace.containers().run("busybox", spec -> spec.command("true"));
            assertThat(server.creates).hasSize(1);
            assertThat(container.id()).hasSize(64);
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        }
    }

    @Test
    void aWaitEndsWhenItsTimeIsUp() throws Exception {
        try (var server = new ScriptedServer();
                var tailrace = server.client().build()) {
            var container = tailrace.containers().get("0".repeat(64));
            assertThat(container.waitFor(WaitCondition.NOT_RUNNING, Duration.ofMillis(50)))
                    .isEmpty();
        }
    }
}
