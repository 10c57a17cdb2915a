package io.tailrace.client;

import com.google.protobuf.Timestamp;
import io.tailrace.api.v1.GetNetworkRequest;
import io.tailrace.api.v1.ListNetworksRequest;
import io.tailrace.api.v1.NetworksGrpc;
import io.tailrace.api.v1.PruneNetworksRequest;
import io.tailrace.api.v1.RemoveNetworkRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** User-defined networks, in which containers find each other by name. Thread-safe. */
public final class Networks {
    private final Connection connection;

    Networks(Connection connection) {
        this.connection = connection;
    }

    /** Makes a network with a subnet that is free. ALREADY_EXISTS. */
    public Network create(String name) {
        return create(new NetworkSpec(name));
    }

    /** Makes a network. ALREADY_EXISTS for the name; FAILED_PRECONDITION if the subnet is taken. */
    public Network create(NetworkSpec spec) {
        return Wire.network(connection.call(NetworksGrpc.getCreateMethod(), spec.request()));
    }

    /** The network that a name, an id or an unambiguous prefix of one stands for. NOT_FOUND. */
    public Network get(String network) {
        return Wire.network(connection.call(
                NetworksGrpc.getGetMethod(),
                GetNetworkRequest.newBuilder().setNetwork(network).build()));
    }

    /** All networks. */
    public List<Network> list() {
        return list(Map.of());
    }

    /** Those with all of these labels. @param labels an empty value matches any */
    public List<Network> list(Map<String, String> labels) {
        return connection
                .call(
                        NetworksGrpc.getListMethod(),
                        ListNetworksRequest.newBuilder().putAllLabels(labels).build())
                .getNetworksList()
                .stream()
                .map(Wire::network)
                .toList();
    }

    /** Removes a network. NOT_FOUND; FAILED_PRECONDITION while a container is to be attached to it, running or not. */
    public void remove(String network) {
        connection.call(
                NetworksGrpc.getRemoveMethod(),
                RemoveNetworkRequest.newBuilder().setNetwork(network).build());
    }

    /**
     * Removes those that no container is to be attached to.
     *
     * @param until only those made before; null: all
     * @param labels only those with all of these; an empty value matches any
     * @return their names
     */
    public List<String> prune(@Nullable Instant until, Map<String, String> labels) {
        var request = PruneNetworksRequest.newBuilder().putAllLabels(labels);
        if (until != null) {
            request.setUntil(
                    Timestamp.newBuilder().setSeconds(until.getEpochSecond()).setNanos(until.getNano()));
        }
        return List.copyOf(
                connection.call(NetworksGrpc.getPruneMethod(), request.build()).getNetworksList());
    }
}
