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
        try (var transport = Transport.ahead(named());
                var tailrace = transport.take(named()).orElseThrow()) {
            assertThat(tailrace.containers().list(new ListOptions(true, false, Map.of())))
                    .hasSize(1);
            assertThat(transport.take(named())).isEmpty();
        }
    }

    @Test
    void aVerbNeverTalksToAnotherServerThanTheOneItNames() {
        try (var transport = Transport.ahead(named())) {
            assertThat(transport.take(new NamedServer("http://127.0.0.1:1", null)))
                    .isEmpty();
            assertThat(transport.take(NamedServer.NONE)).isEmpty();
        }
    }

    @Test
    void anAddressThatIsNoneIsLeftToTheFirstCall() {
        var nowhere = new NamedServer("ftp://nowhere", null);
        try (var transport = Transport.ahead(nowhere)) {
            assertThat(transport.take(nowhere)).isEmpty();
        }
    }

    private NamedServer named() {
        return new NamedServer(server.address(), null);
    }
}
