package io.tailrace.server.v1;

import io.grpc.stub.StreamObserver;
import io.tailrace.api.v1.CreateNetworkRequest;
import io.tailrace.api.v1.GetNetworkRequest;
import io.tailrace.api.v1.ListNetworksRequest;
import io.tailrace.api.v1.ListNetworksResponse;
import io.tailrace.api.v1.Network;
import io.tailrace.api.v1.NetworksGrpc;
import io.tailrace.api.v1.PruneNetworksRequest;
import io.tailrace.api.v1.PruneNetworksResponse;
import io.tailrace.api.v1.RemoveNetworkRequest;
import io.tailrace.api.v1.RemoveNetworkResponse;
import io.tailrace.engine.Engine;
import io.tailrace.runtime.spi.NetworkSpec;
import io.tailrace.server.stream.UnaryCalls;

/** User-defined networks. */
public final class NetworksService extends NetworksGrpc.NetworksImplBase {
    private final Engine engine;

    /** A service over an engine. */
    public NetworksService(Engine engine) {
        this.engine = engine;
    }

    @Override
    public void create(CreateNetworkRequest request, StreamObserver<Network> observer) {
        UnaryCalls.serve(
                observer,
                () -> message(engine.networks()
                        .create(new NetworkSpec(
                                request.getName(),
                                request.getSubnet(),
                                request.getGateway(),
                                request.getInternal(),
                                request.getLabelsMap()))));
    }

    @Override
    public void get(GetNetworkRequest request, StreamObserver<Network> observer) {
        UnaryCalls.serve(observer, () -> message(engine.networks().get(request.getNetwork())));
    }

    @Override
    public void list(ListNetworksRequest request, StreamObserver<ListNetworksResponse> observer) {
        UnaryCalls.serve(observer, () -> {
            var response = ListNetworksResponse.newBuilder();
            engine.networks().list(request.getLabelsMap()).forEach(network -> response.addNetworks(message(network)));
            return response.build();
        });
    }

    @Override
    public void remove(RemoveNetworkRequest request, StreamObserver<RemoveNetworkResponse> observer) {
        UnaryCalls.serve(observer, () -> {
            engine.networks().remove(request.getNetwork());
            return RemoveNetworkResponse.getDefaultInstance();
        });
    }

    @Override
    public void prune(PruneNetworksRequest request, StreamObserver<PruneNetworksResponse> observer) {
        UnaryCalls.serve(observer, () -> {
            var until = Times.of(request.hasUntil(), "until", request.getUntil());
            return PruneNetworksResponse.newBuilder()
                    .addAllNetworks(engine.networks().prune(until, request.getLabelsMap()))
                    .build();
        });
    }

    private static Network message(io.tailrace.runtime.spi.Network network) {
        return Network.newBuilder()
                .setId(network.id())
                .setName(network.name())
                .setSubnet(network.subnet())
                .setGateway(network.gateway())
                .setInternal(network.isInternal())
                .putAllLabels(network.labels())
                .setCreatedAt(Times.of(network.createdAt()))
                .build();
    }
}
