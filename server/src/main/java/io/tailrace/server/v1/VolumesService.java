package io.tailrace.server.v1;

import io.grpc.stub.StreamObserver;
import io.tailrace.api.v1.CreateVolumeRequest;
import io.tailrace.api.v1.GetVolumeRequest;
import io.tailrace.api.v1.ListVolumesRequest;
import io.tailrace.api.v1.ListVolumesResponse;
import io.tailrace.api.v1.PruneVolumesRequest;
import io.tailrace.api.v1.PruneVolumesResponse;
import io.tailrace.api.v1.RemoveVolumeRequest;
import io.tailrace.api.v1.RemoveVolumeResponse;
import io.tailrace.api.v1.Volume;
import io.tailrace.api.v1.VolumesGrpc;
import io.tailrace.engine.Engine;
import io.tailrace.engine.EngineVolumes;
import io.tailrace.server.stream.UnaryCalls;

/** Named volumes. */
public final class VolumesService extends VolumesGrpc.VolumesImplBase {
    private final EngineVolumes volumes;

    /** A service over an engine. */
    public VolumesService(Engine engine) {
        volumes = engine.volumes();
    }

    @Override
    public void create(CreateVolumeRequest request, StreamObserver<Volume> observer) {
        UnaryCalls.serve(observer, () -> message(volumes.create(request.getName(), request.getLabelsMap())));
    }

    @Override
    public void get(GetVolumeRequest request, StreamObserver<Volume> observer) {
        UnaryCalls.serve(observer, () -> message(volumes.get(request.getVolume())));
    }

    @Override
    public void list(ListVolumesRequest request, StreamObserver<ListVolumesResponse> observer) {
        UnaryCalls.serve(observer, () -> {
            var response = ListVolumesResponse.newBuilder();
            volumes.list(request.getLabelsMap()).forEach(volume -> response.addVolumes(message(volume)));
            return response.build();
        });
    }

    @Override
    public void remove(RemoveVolumeRequest request, StreamObserver<RemoveVolumeResponse> observer) {
        UnaryCalls.serve(observer, () -> {
            volumes.remove(request.getVolume());
            return RemoveVolumeResponse.getDefaultInstance();
        });
    }

    @Override
    public void prune(PruneVolumesRequest request, StreamObserver<PruneVolumesResponse> observer) {
        UnaryCalls.serve(observer, () -> {
            var pruned = volumes.prune(request.getAll(), request.getLabelsMap());
            return PruneVolumesResponse.newBuilder()
                    .addAllVolumes(pruned.volumes())
                    .setReclaimedBytes(pruned.reclaimedBytes())
                    .build();
        });
    }

    private static Volume message(io.tailrace.runtime.spi.Volume volume) {
        return Volume.newBuilder()
                .setName(volume.name())
                .putAllLabels(volume.labels())
                .setCreatedAt(Times.of(volume.createdAt()))
                .setPath(volume.path())
                .setAnonymous(volume.isAnonymous())
                .build();
    }
}
