package io.tailrace.client;

import io.tailrace.api.v1.CreateVolumeRequest;
import io.tailrace.api.v1.GetVolumeRequest;
import io.tailrace.api.v1.ListVolumesRequest;
import io.tailrace.api.v1.PruneVolumesRequest;
import io.tailrace.api.v1.RemoveVolumeRequest;
import io.tailrace.api.v1.VolumesGrpc;
import java.util.List;
import java.util.Map;

/** Named volumes: directories that outlive containers. Thread-safe. */
public final class Volumes {
    private final Connection connection;

    Volumes(Connection connection) {
        this.connection = connection;
    }

    /** As {@link #create(String, Map)}, without labels. */
    public Volume create(String name) {
        return create(name, Map.of());
    }

    /**
     * Makes a volume; the same name with the same labels again gives the one that is there. ALREADY_EXISTS with other
     * labels.
     *
     * @param name 2 to 128 of {@code [a-zA-Z0-9_.-]}, beginning with a letter or digit; empty: one is made up
     */
    public Volume create(String name, Map<String, String> labels) {
        return Wire.volume(connection.call(
                VolumesGrpc.getCreateMethod(),
                CreateVolumeRequest.newBuilder()
                        .setName(name)
                        .putAllLabels(labels)
                        .build()));
    }

    /** One volume. NOT_FOUND. */
    public Volume get(String name) {
        return Wire.volume(connection.call(
                VolumesGrpc.getGetMethod(),
                GetVolumeRequest.newBuilder().setVolume(name).build()));
    }

    /** All volumes. */
    public List<Volume> list() {
        return list(Map.of());
    }

    /** Those with all of these labels. @param labels an empty value matches any */
    public List<Volume> list(Map<String, String> labels) {
        return connection
                .call(
                        VolumesGrpc.getListMethod(),
                        ListVolumesRequest.newBuilder().putAllLabels(labels).build())
                .getVolumesList()
                .stream()
                .map(Wire::volume)
                .toList();
    }

    /** Removes a volume with all that is in it. NOT_FOUND; FAILED_PRECONDITION while a container has it. */
    public void remove(String name) {
        connection.call(
                VolumesGrpc.getRemoveMethod(),
                RemoveVolumeRequest.newBuilder().setVolume(name).build(),
                null);
    }

    /** Removes those that were made for containers that named none, and that no container has. */
    public PrunedVolumes prune() {
        return prune(false, Map.of());
    }

    /**
     * Removes volumes that no container has.
     *
     * @param isAll also those that have a name
     * @param labels that they are to have; an empty value matches any
     */
    public PrunedVolumes prune(boolean isAll, Map<String, String> labels) {
        var pruned = connection.call(
                VolumesGrpc.getPruneMethod(),
                PruneVolumesRequest.newBuilder()
                        .setAll(isAll)
                        .putAllLabels(labels)
                        .build(),
                null);
        return new PrunedVolumes(List.copyOf(pruned.getVolumesList()), pruned.getReclaimedBytes());
    }
}
