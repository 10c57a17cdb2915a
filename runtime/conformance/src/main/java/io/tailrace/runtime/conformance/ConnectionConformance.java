package io.tailrace.runtime.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.Mount;
import io.tailrace.runtime.spi.Listener;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What listens in a container is reached from outside, and nothing else is. */
interface ConnectionConformance {
    Duration TIMEOUT = Duration.ofSeconds(5);

    Bench bench();

    @Test
    default void aPortIsReachedInANetworkOfItsOwn() throws Exception {
        RuntimeContainer container =
                bench().create(bench().options("nc -l -p 8080; exec sleep 600").spec());
        RuntimeProcess process = container.prepare();
        Reading out = Reading.of(process.stdout());
        process.start();
        await().atMost(Bench.PATIENCE)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> {
                    try (ByteChannel channel = container.connect(new Listener.Port(8080), TIMEOUT)) {
                        return channel.write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8))) == 5;
                    }
                });
        out.await("hello");
        assertThatThrownBy(() -> container.connect(new Listener.Port(8081), TIMEOUT))
                .isInstanceOf(IOException.class);
    }

    @Test
    default void aUnixSocketIsFoundByItsPathInTheContainer(@TempDir Path shared) throws Exception {
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Path ofHost = shared.resolve("app.sock");
            listening.bind(UnixDomainSocketAddress.of(ofHost));
            Options options = bench().options(
                            "ln -s /shared/app.sock /inside; ln -s %s /outside; echo ready; exec sleep 600"
                                    .formatted(ofHost));
            options.mounts = List.of(new Mount(Mount.Type.BIND, shared.toString(), "/shared", false, 0, List.of()));
            RuntimeContainer container = bench().create(options.spec());
            RuntimeProcess process = container.prepare();
            Reading out = Reading.of(process.stdout());
            process.start();
            out.await("ready\n");
            for (String path : List.of("/shared/app.sock", "/inside")) {
                try (ByteChannel channel = container.connect(new Listener.Socket(path), TIMEOUT)) {
                    assertThat(channel.isOpen()).isTrue();
                }
                listening.accept().close();
            }
            for (String path : List.of("/outside", "/no/such", "/bin/busybox")) {
                assertThatThrownBy(() -> container.connect(new Listener.Socket(path), TIMEOUT))
                        .as(path)
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    default void nothingIsReachedInAContainerThatDoesNotRun() {
        RuntimeContainer container = bench().create(List.of("true"));
        assertThatThrownBy(() -> container.connect(new Listener.Port(80), TIMEOUT))
                .extracting("code")
                .isEqualTo(Code.FAILED_PRECONDITION);
    }
}
