package io.tailrace.cli;

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
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** The volumes of a {@link FakeServer}: names that were made, and what was asked of them. */
final class FakeVolumes extends VolumesGrpc.VolumesImplBase {
    final List<Volume> all = new CopyOnWriteArrayList<>();
    final List<PruneVolumesRequest> prunes = new CopyOnWriteArrayList<>();
    volatile Map<String, String> filters = Map.of();

    @Override
    public void create(CreateVolumeRequest request, StreamObserver<Volume> observer) {
        var volume = Volume.newBuilder()
                .setName(request.getName())
                .putAllLabels(request.getLabelsMap())
                .setPath("/volumes/" + request.getName())
                .build();
        all.add(volume);
        FakeServer.answer(observer, volume);
    }

    @Override
    public void get(GetVolumeRequest request, StreamObserver<Volume> observer) {
        all.stream()
                .filter(volume -> volume.getName().equals(request.getVolume()))
                .findFirst()
                .ifPresentOrElse(
                        volume -> FakeServer.answer(observer, volume),
                        () -> observer.onError(FakeServer.failure(5, "NOT_FOUND", "volume: " + request.getVolume())));
    }

    @Override
    public void list(ListVolumesRequest request, StreamObserver<ListVolumesResponse> observer) {
        filters = request.getLabelsMap();
        FakeServer.answer(
                observer, ListVolumesResponse.newBuilder().addAllVolumes(all).build());
    }

    @Override
    public void remove(RemoveVolumeRequest request, StreamObserver<RemoveVolumeResponse> observer) {
        if (all.removeIf(volume -> volume.getName().equals(request.getVolume()))) {
            FakeServer.answer(observer, RemoveVolumeResponse.getDefaultInstance());
        } else {
            observer.onError(FakeServer.failure(5, "NOT_FOUND", "volume: " + request.getVolume()));
        }
    }

    @Override
    public void prune(PruneVolumesRequest request, StreamObserver<PruneVolumesResponse> observer) {
        prunes.add(request);
        FakeServer.answer(
                observer,
                PruneVolumesResponse.newBuilder()
                        .addAllVolumes(all.stream().map(Volume::getName).toList())
                        .setReclaimedBytes(3 << 19)
                        .build());
    }
}
