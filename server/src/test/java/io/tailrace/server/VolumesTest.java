package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.CreateVolumeRequest;
import io.tailrace.api.v1.GetVolumeRequest;
import io.tailrace.api.v1.ListVolumesRequest;
import io.tailrace.api.v1.Mount;
import io.tailrace.api.v1.PruneVolumesRequest;
import io.tailrace.api.v1.PruneVolumesResponse;
import io.tailrace.api.v1.RemoveContainerRequest;
import io.tailrace.api.v1.RemoveVolumeRequest;
import io.tailrace.api.v1.Volume;
import io.tailrace.api.v1.VolumesGrpc;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VolumesTest {
    private TestServer server;

    @BeforeEach
    void start() {
        server = TestServer.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private VolumesGrpc.VolumesBlockingStub volumes() {
        return VolumesGrpc.newBlockingStub(server.channel);
    }

    private Volume create(String name, Map<String, String> labels) {
        return volumes()
                .create(CreateVolumeRequest.newBuilder()
                        .setName(name)
                        .putAllLabels(labels)
                        .build());
    }

    private List<Volume> list(Map<String, String> labels) {
        return volumes()
                .list(ListVolumesRequest.newBuilder().putAllLabels(labels).build())
                .getVolumesList();
    }

    private Container container(String volume) {
        var request = TestServer.newContainer("hold");
        request.getSpecBuilder()
                .addMountsBuilder()
                .setType(Mount.Type.TYPE_VOLUME)
                .setSource(volume)
                .setTarget("/data")
                .setReadOnly(true)
                .addOptions("nocopy");
        return server.containers().create(request.build());
    }

    private static void fails(Status.Code code, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .hasMessageContaining(message)
                .satisfies(failure ->
                        assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(code));
    }

    @Test
    void volumesAreMadeFoundListedByLabelAndRemoved() {
        Volume made = create("data", Map.of("app", "web"));
        create("other", Map.of("app", "db"));
        assertThat(made.getAnonymous()).isFalse();
        assertThat(made.getCreatedAt().getSeconds()).isPositive();
        assertThat(made.getPath()).isNotEmpty();
        assertThat(volumes().get(GetVolumeRequest.newBuilder().setVolume("data").build()))
                .isEqualTo(made);
        assertThat(list(Map.of())).extracting(Volume::getName).containsExactly("data", "other");
        assertThat(list(Map.of("app", "web"))).containsExactly(made);
        assertThat(list(Map.of("app", ""))).hasSize(2);
        volumes().remove(RemoveVolumeRequest.newBuilder().setVolume("data").build());
        fails(
                Status.Code.NOT_FOUND,
                "volume: data (expected: one that exists)",
                () -> volumes()
                        .get(GetVolumeRequest.newBuilder().setVolume("data").build()));
    }

    @Test
    void aContainerShowsItsVolumesByNameAndKeepsThem() {
        Container named = container("data");
        assertThat(named.getMountsList()).isEqualTo(named.getSpec().getMountsList());
        assertThat(named.getMounts(0).getSource()).isEqualTo("data");
        fails(
                Status.Code.FAILED_PRECONDITION,
                "volume data is used by container " + named.getName(),
                () -> volumes()
                        .remove(RemoveVolumeRequest.newBuilder()
                                .setVolume("data")
                                .build()));
        Container anonymous = container("");
        assertThat(anonymous.getSpec().getMounts(0).getSource()).isEmpty();
        String name = anonymous.getMounts(0).getSource();
        assertThat(list(Map.of())).extracting(Volume::getName).containsExactlyInAnyOrder("data", name);
        server.containers()
                .remove(RemoveContainerRequest.newBuilder()
                        .setContainer(anonymous.getId())
                        .setVolumes(true)
                        .build());
        assertThat(list(Map.of())).extracting(Volume::getName).containsExactly("data");
    }

    @Test
    void aPruneTellsWhatItReclaimed() {
        create("data", Map.of());
        server.runtime.machine().fillVolume("data", 5_000_000_000L);
        assertThat(volumes().prune(PruneVolumesRequest.getDefaultInstance()))
                .isEqualTo(PruneVolumesResponse.getDefaultInstance());
        assertThat(volumes().prune(PruneVolumesRequest.newBuilder().setAll(true).build()))
                .isEqualTo(PruneVolumesResponse.newBuilder()
                        .addVolumes("data")
                        .setReclaimedBytes(5_000_000_000L)
                        .build());
    }

    @Test
    void volumesAreReachedOverHttp() throws Exception {
        assertThat(server.post("/v1/volumes", "{\"name\":\"data\",\"labels\":{\"a\":\"b\"}}")
                        .body())
                .contains("\"name\":\"data\"", "\"anonymous\":false");
        assertThat(server.get("/v1/volumes").body()).contains("\"data\"");
        assertThat(server.get("/v1/volumes/data").statusCode()).isEqualTo(200);
        assertThat(server.get("/v1/volumes/missing").statusCode()).isEqualTo(404);
        assertThat(server.post("/v1/volumes", "{\"name\":\"data\"}").statusCode())
                .isEqualTo(409);
        HttpResponse<String> bad = server.post("/v1/volumes", "{\"name\":\"../../etc\"}");
        assertThat(bad.statusCode()).isEqualTo(400);
        assertThat(bad.body()).contains("volume: ../../etc (expected: 2 to 128 of");
        assertThat(server.post("/v1/volumes/prune", "{\"all\":true}").body())
                .contains("\"data\"", "\"reclaimedBytes\":\"4096\"");
        create("again", Map.of());
        HttpResponse<String> removed = server.http.send(
                server.request("/v1/volumes/again").DELETE().build(), HttpResponse.BodyHandlers.ofString());
        assertThat(removed.statusCode()).isEqualTo(200);
        assertThat(list(Map.of())).isEmpty();
    }
}
