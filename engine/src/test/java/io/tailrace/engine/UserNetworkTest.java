package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment;
import io.tailrace.runtime.spi.Network;
import io.tailrace.runtime.spi.NetworkSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class UserNetworkTest {
    @TempDir
    Path directory;

    private TestEngine test;

    @BeforeEach
    void open() {
        test = TestEngine.open(directory);
    }

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void aContainerIsFoundByItsNameItsShortIdAndItsAliases() {
        Network shop = network("shop");
        Container web = create("web", new NetworkAttachment("", List.of("www"), ""), shop);
        assertThat(web.spec().networks())
                .containsExactly(
                        new NetworkAttachment("shop", List.of("web", web.id().substring(0, 12), "www"), ""));
        web.start();
        assertThat(web.endpoints().networks()).singleElement().satisfies(attachment -> {
            assertThat(attachment.network()).isEqualTo("shop");
            assertThat(attachment.address()).isEqualTo(web.endpoints().address());
        });
    }

    private Container create(String name, NetworkAttachment wanted, Network network) {
        return test.engine()
                .create(new Request("hold")
                        .name(name)
                        .networks(new NetworkAttachment(network.id(), wanted.aliases(), wanted.address()))
                        .build());
    }

    @Test
    void aNetworkThatAContainerIsToBeAttachedToStaysAlsoForTheNextServer() {
        Network shop = network("shop");
        network("empty");
        Container web = create("web", new NetworkAttachment("", List.of(), ""), shop);
        for (int server = 0; server < 2; server++) {
            assertRefused(
                    ErrorCode.FAILED_PRECONDITION,
                    "network shop is used by container web",
                    () -> test.engine().networks().remove("shop"));
            test.shutDown();
            test.startUp();
        }
        assertThat(test.engine().networks().prune(null, Map.of())).containsExactly("empty");
        test.engine().container(web.id()).remove(true);
        test.engine().networks().remove(shop.id());
        assertRefused(
                ErrorCode.NOT_FOUND,
                "network: shop",
                () -> test.engine().networks().get("shop"));
    }

    @Test
    void noNetworkIsRemovedAndNoAddressGivenWhileAContainerIsUnknown() throws Exception {
        test.engine().networks().create(new NetworkSpec("shop", "10.1.2.0/24", "", false, Map.of()));
        network("empty");
        Network shop = test.engine().networks().get("shop");
        Container owner = create("owner", new NetworkAttachment("", List.of(), "10.1.2.9"), shop);
        test.shutDown();
        Path timeline = directory.resolve("data/containers/" + owner.id() + "/timeline");
        Path aside = Files.move(timeline, directory.resolve("aside"));
        Files.writeString(timeline, "no directory");
        test.startUp();
        assertThat(test.engine().problems()).isNotEmpty();
        for (String name : List.of("shop", "empty")) {
            assertRefused(
                    ErrorCode.FAILED_PRECONDITION,
                    "networks: none can be removed",
                    () -> test.engine().networks().remove(name));
        }
        assertRefused(
                ErrorCode.FAILED_PRECONDITION,
                "networks: none can be removed",
                () -> test.engine().networks().prune(null, Map.of()));
        refused(
                ErrorCode.FAILED_PRECONDITION,
                "address: 10.1.2.9 (expected: none asked for while a container's timeline cannot be opened",
                new NetworkAttachment("shop", List.of(), "10.1.2.9"));
        create("other", new NetworkAttachment("", List.of(), ""), shop).remove(true);
        assertThat(test.engine().networks().list(Map.of())).hasSize(2);
        test.shutDown();
        Files.delete(timeline);
        Files.move(aside, timeline);
        test.startUp();
        assertThat(test.engine().networks().prune(null, Map.of())).containsExactly("empty");
        refused(
                ErrorCode.FAILED_PRECONDITION,
                "container owner has it",
                new NetworkAttachment("shop", List.of(), "10.1.2.9"));
    }

    @Test
    void onlyNetworksMadeBeforeAndWithTheLabelsArePruned() {
        test.engine().networks().create(new NetworkSpec("a", "", "", false, Map.of("k", "v")));
        network("b");
        assertThat(test.engine().networks().prune(null, Map.of("k", ""))).containsExactly("a");
        assertThat(test.engine().networks().prune(Instant.EPOCH, Map.of())).isEmpty();
        assertThat(test.engine().networks().list(Map.of()))
                .extracting(Network::name)
                .containsExactly("b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "host", "Bridge", "none", "default", "a/b", "-a", "a b", "../x"})
    void aNameThatIsNoneIsRefused(String name) {
        assertRefused(ErrorCode.INVALID_ARGUMENT, "network name: ", () -> network(name));
        assertRefused(ErrorCode.INVALID_ARGUMENT, "network name: ", () -> network("a".repeat(129)));
        assertThat(test.engine().networks().list(Map.of())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3/24, ''",
        "10.1.2.0, ''",
        "10.1.2.0/30, ''",
        "10.0.0.0/7, ''",
        "300.1.2.0/24, ''",
        "127.0.0.0/16, ''",
        "224.0.0.0/24, ''",
        "fd00::/64, ''",
        "10.1.2.0/24, 10.1.3.1",
        "10.1.2.0/24, 10.1.2.0",
        "10.1.2.0/24, 10.1.2.255",
        "10.1.2.0/24, gateway",
        "'', 10.1.2.1"
    })
    void aSubnetOrGatewayThatIsNoneIsRefused(String subnet, String gateway) {
        assertRefused(
                ErrorCode.INVALID_ARGUMENT,
                "(expected: ",
                () -> test.engine().networks().create(new NetworkSpec("shop", subnet, gateway, false, Map.of())));
        assertThat(test.engine().networks().list(Map.of())).isEmpty();
    }

    @Test
    void whatDoesNotGoWithTheNetworksIsRefusedAndLeavesNothing() {
        test.engine().networks().create(new NetworkSpec("shop", "10.1.2.0/24", "", true, Map.of()));
        refused(ErrorCode.NOT_FOUND, "network: nowhere", new NetworkAttachment("nowhere", List.of(), ""));
        refused(ErrorCode.INVALID_ARGUMENT, "network: host", new NetworkAttachment("host", List.of(), ""));
        for (String address : List.of("10.1.3.4", "10.1.2.1", "10.1.2.255", "10.1", "::1")) {
            refused(ErrorCode.INVALID_ARGUMENT, "address", new NetworkAttachment("shop", List.of(), address));
        }
        for (String alias : List.of("", "a b", "localhost", "10.0.0.1", "-a", "a".repeat(64))) {
            refused(ErrorCode.INVALID_ARGUMENT, "alias: ", new NetworkAttachment("shop", List.of(alias), ""));
        }
        NetworkAttachment shop = new NetworkAttachment("shop", List.of(), "");
        refused(ErrorCode.INVALID_ARGUMENT, "network: shop (expected: each once)", shop, shop);
        NetworkAttachment[] nine = Collections.nCopies(9, shop).toArray(NetworkAttachment[]::new);
        refused(ErrorCode.INVALID_ARGUMENT, "networks: 9 (expected: at most 8)", nine);
        create(
                "owner",
                new NetworkAttachment("", List.of(), "10.1.2.9"),
                test.engine().networks().get("shop"));
        refused(
                ErrorCode.FAILED_PRECONDITION,
                "container owner has it",
                new NetworkAttachment("shop", List.of(), "10.1.2.9"));
        assertThat(test.engine().containers(true)).hasSize(1);
        assertThat(test.machine().containerIds()).hasSize(1);
    }

    private void refused(ErrorCode code, String words, NetworkAttachment... networks) {
        assertRefused(
                code,
                words,
                () -> test.engine()
                        .create(new Request("hold").networks(networks).build()));
    }

    private Network network(String name) {
        return test.engine().networks().create(new NetworkSpec(name, "", "", false, Map.of()));
    }

    private static void assertRefused(ErrorCode code, String words, Runnable call) {
        assertThatThrownBy(call::run)
                .hasMessageContaining(words)
                .isInstanceOf(EngineException.class)
                .extracting("code")
                .isEqualTo(code);
    }
}
