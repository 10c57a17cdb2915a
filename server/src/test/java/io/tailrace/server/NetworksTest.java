package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Timestamp;
import io.grpc.Status;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.CreateNetworkRequest;
import io.tailrace.api.v1.GetNetworkRequest;
import io.tailrace.api.v1.ListNetworksRequest;
import io.tailrace.api.v1.Network;
import io.tailrace.api.v1.NetworksGrpc;
import io.tailrace.api.v1.PruneNetworksRequest;
import io.tailrace.api.v1.RemoveContainerRequest;
import io.tailrace.api.v1.RemoveNetworkRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NetworksTest {
    private TestServer server;

    @BeforeEach
    void start() {
        server = TestServer.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private NetworksGrpc.NetworksBlockingStub networks() {
        return NetworksGrpc.newBlockingStub(server.channel);
    }

    private Network create(String name, Map<String, String> labels) {
        return networks()
                .create(CreateNetworkRequest.newBuilder()
                        .setName(name)
                        .putAllLabels(labels)
                        .build());
    }

    private Network get(String network) {
        return networks().get(GetNetworkRequest.newBuilder().setNetwork(network).build());
    }

    private void remove(String network) {
        assertThat(networks()
                        .remove(RemoveNetworkRequest.newBuilder()
                                .setNetwork(network)
                                .build())
                        .getSerializedSize())
                .isZero();
    }

    private List<String> names(Map<String, String> labels) {
        return networks()
                .list(ListNetworksRequest.newBuilder().putAllLabels(labels).build())
                .getNetworksList()
                .stream()
                .map(Network::getName)
                .toList();
    }

    private Container container(String network, String address) {
        var request = TestServer.newContainer("hold").setStart(true);
        request.getSpecBuilder()
                .addNetworksBuilder()
                .setNetwork(network)
                .addAliases("www")
                .setAddress(address);
        return server.containers().create(request.build());
    }

    private static void fails(Status.Code code, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .hasMessageContaining(message)
                .satisfies(failure ->
                        assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(code));
    }

    @Test
    void networksAreMadeFoundByNameIdAndItsPrefixListedByLabelAndRemoved() {
        Network made = networks()
                .create(CreateNetworkRequest.newBuilder()
                        .setName("shop")
                        .setSubnet("10.1.2.0/24")
                        .setGateway("10.1.2.7")
                        .setInternal(true)
                        .putLabels("app", "web")
                        .build());
        assertThat(get(made.getId().substring(0, 12))).isEqualTo(made);
        create("other", Map.of("app", "db"));
        assertThat(made.getId()).matches("[0-9a-f]{64}");
        assertThat(made.getCreatedAt().getSeconds()).isPositive();
        assertThat(made)
                .isEqualTo(Network.newBuilder()
                        .setId(made.getId())
                        .setName("shop")
                        .setSubnet("10.1.2.0/24")
                        .setGateway("10.1.2.7")
                        .setInternal(true)
                        .putLabels("app", "web")
                        .setCreatedAt(made.getCreatedAt())
                        .build());
        assertThat(get("shop")).isEqualTo(made);
        assertThat(get(made.getId())).isEqualTo(made);
        // Scripted ids count up.
        fails(
                Status.Code.INVALID_ARGUMENT,
                "network: 000000000000 (expected: a prefix of one id; 2 have it)",
                () -> get("000000000000"));
        assertThat(names(Map.of())).containsExactly("other", "shop");
        assertThat(names(Map.of("app", "web"))).containsExactly("shop");
        assertThat(names(Map.of("app", ""))).hasSize(2);
        remove(made.getId());
        fails(Status.Code.NOT_FOUND, "network: shop (expected: the name or id of one that exists)", () -> get("shop"));
        fails(Status.Code.NOT_FOUND, "network: shop", () -> remove("shop"));
    }

    @Test
    void aContainerShowsItsAddressInANetworkAndKeepsIt() {
        Network shop = networks()
                .create(CreateNetworkRequest.newBuilder()
                        .setName("shop")
                        .setSubnet("10.1.2.0/24")
                        .build());
        Container container = container(shop.getId(), "10.1.2.9");
        assertThat(container.getNetworks(0).getNetwork()).isEqualTo("shop");
        assertThat(container.getNetworks(0).getAddress()).isEqualTo("10.1.2.9");
        assertThat(container.getNetworks(0).getAliasesList()).contains("www", container.getName());
        fails(
                Status.Code.FAILED_PRECONDITION,
                "network shop is used by container " + container.getName(),
                () -> remove("shop"));
        fails(
                Status.Code.FAILED_PRECONDITION,
                "address: 10.1.2.9 (expected: one that is free in network shop",
                () -> container("shop", "10.1.2.9"));
        server.containers()
                .remove(RemoveContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .setForce(true)
                        .build());
        remove("shop");
    }

    @Test
    void aPruneRemovesThoseThatAreOldEnoughAndUnused() {
        create("a", Map.of("app", "web"));
        create("b", Map.of());
        create("used", Map.of());
        container("used", "");
        assertThat(prune(PruneNetworksRequest.newBuilder().setUntil(Timestamp.getDefaultInstance())))
                .isEmpty();
        assertThat(prune(PruneNetworksRequest.newBuilder().putLabels("app", "web")))
                .containsExactly("a");
        assertThat(prune(PruneNetworksRequest.newBuilder())).containsExactly("b");
        assertThat(names(Map.of())).containsExactly("used");
        fails(
                Status.Code.INVALID_ARGUMENT,
                "until",
                () -> prune(PruneNetworksRequest.newBuilder()
                        .setUntil(Timestamp.newBuilder().setSeconds(Long.MAX_VALUE))));
    }

    private List<String> prune(PruneNetworksRequest.Builder request) {
        return networks().prune(request.build()).getNetworksList();
    }

    @Test
    void whatIsWrongWithARequestIsNamed() {
        create("shop", Map.of());
        fails(Status.Code.ALREADY_EXISTS, "shop", () -> create("shop", Map.of()));
        fails(Status.Code.INVALID_ARGUMENT, "network name: host", () -> create("host", Map.of()));
        fails(
                Status.Code.INVALID_ARGUMENT,
                "10.1.2.0/30",
                () -> networks()
                        .create(CreateNetworkRequest.newBuilder()
                                .setName("small")
                                .setSubnet("10.1.2.0/30")
                                .build()));
        fails(Status.Code.NOT_FOUND, "network: nowhere", () -> container("nowhere", ""));
        assertThat(names(Map.of())).containsExactly("shop");
    }

    @Test
    void networksAreReachedOverHttp() throws Exception {
        assertThat(server.post(
                                "/v1/networks",
                                "{\"name\":\"shop\",\"subnet\":\"10.1.2.0/24\",\"labels\":{\"a\":\"b\"}}")
                        .body())
                .contains(
                        "\"name\":\"shop\"",
                        "\"subnet\":\"10.1.2.0/24\"",
                        "\"gateway\":\"10.1.2.1\"",
                        "\"internal\":false",
                        "\"labels\":{\"a\":\"b\"}");
        assertThat(server.get("/v1/networks").body()).contains("\"shop\"");
        assertThat(server.get("/v1/networks/shop").statusCode()).isEqualTo(200);
        assertThat(server.get("/v1/networks/" + get("shop").getId()).statusCode())
                .isEqualTo(200);
        HttpResponse<String> missing = server.get("/v1/networks/missing");
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(missing.body()).contains("\"code\":\"NOT_FOUND\"", "network: missing (expected: ");
        assertThat(server.post("/v1/networks", "{\"name\":\"shop\"}").statusCode())
                .isEqualTo(409);
        HttpResponse<String> bad = server.post("/v1/networks", "{\"name\":\"../../etc\"}");
        assertThat(bad.statusCode()).isEqualTo(400);
        assertThat(bad.body()).contains("network name: ../../etc (expected: ");
        container("shop", "");
        assertThat(delete("shop").statusCode()).isEqualTo(409);
        create("empty", Map.of());
        create("other", Map.of());
        assertThat(delete("empty").statusCode()).isEqualTo(200);
        assertThat(server.post("/v1/networks/prune", "{}").body()).contains("\"networks\":[\"other\"]");
        assertThat(names(Map.of())).containsExactly("shop");
    }

    private HttpResponse<String> delete(String network) throws Exception {
        return server.http.send(
                server.request("/v1/networks/" + network).DELETE().build(), HttpResponse.BodyHandlers.ofString());
    }
}
