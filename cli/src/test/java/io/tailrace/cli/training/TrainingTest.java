package io.tailrace.cli.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.client.NetworkMode;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TimelineRecord;
import io.tailrace.client.WaitCondition;
import io.tailrace.server.ServerConfig;
import io.tailrace.server.TailraceServer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTest {
    private static final Duration REMOVAL_TIMEOUT = Duration.ofSeconds(30);

    @TempDir
    private Path directory;

    /** A call that the runtime learns and this does not know would quietly end the training before its end. */
    @Test
    void aContainerRunsToItsEndWhereThereIsNoContainerd() throws Exception {
        var socket = directory.resolve("t.sock");
        try (var containerd = TrainingContainerd.start(directory);
                var server = TailraceServer.start(ServerConfig.defaults(directory.resolve("data"))
                        .withListen(new ServerConfig.Listen("127.0.0.1", 0, -1, socket.toString()))
                        .withRuntime(ServerConfig.defaults()
                                .runtime()
                                .withSocket("containerd", containerd.socket().toString())));
                var tailrace = Tailrace.builder().address("unix://" + socket).build()) {
            assertThat(server.unixSocket()).hasValue(socket);
            var container = tailrace.containers()
                    .run(
                            "training",
                            spec -> spec.command("true")
                                    .network(NetworkMode.NONE)
                                    .autoRemove());
            var output = new StringBuilder();
            try (var follow = container.follow()) {
                for (var record : follow) {
                    if (record instanceof TimelineRecord.Output written) {
                        output.append(written.text());
                    }
                }
            }

            assertThat(output).hasToString("trained\n");
            assertThat(container.waitFor().exitCode()).isZero();
            assertThat(container.waitFor(WaitCondition.REMOVED, REMOVAL_TIMEOUT))
                    .isPresent();
        }
    }
}
