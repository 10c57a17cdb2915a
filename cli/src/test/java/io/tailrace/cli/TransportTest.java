package io.tailrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.client.ListOptions;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TransportTest {
    private FakeServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
        server.containers.add(FakeServer.running("web"));
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.close();
    }

    @Test
    void whatIsConnectedAheadIsForOneTakerWhoMayCloseIt() {
        try (var transport = Transport.ahead(server.address());
                var tailrace = transport.take(server.address()).orElseThrow()) {
            assertThat(tailrace.containers().list(new ListOptions(true, false, Map.of())))
                    .hasSize(1);
            assertThat(transport.take(server.address())).isEmpty();
        }
    }

    @Test
    void aVerbNeverTalksToAnotherServerThanTheOneItNames() {
        try (var transport = Transport.ahead(server.address())) {
            assertThat(transport.take("http://127.0.0.1:1")).isEmpty();
            assertThat(transport.take(null)).isEmpty();
        }
    }

    @Test
    void anAddressThatIsNoneIsLeftToTheFirstCall() {
        try (var transport = Transport.ahead("ftp://nowhere")) {
            assertThat(transport.take("ftp://nowhere")).isEmpty();
        }
    }
}
