package io.tailrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VolumeTest {
    private FakeServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.close();
    }

    @Test
    void volumesAreMadeListedAndInspected() {
        var created = Invocation.of(server, "volume", "create", "-l", "app=web", "--label", "plain", "data");
        assertThat(created.out()).isEqualTo("data\n");
        assertThat(server.volumes.all.getFirst().getLabelsMap()).isEqualTo(Map.of("app", "web", "plain", ""));
        Invocation.of(server, "volume", "create", "other");
        assertThat(Invocation.of(server, "volume", "ls", "-q").out()).isEqualTo("data\nother\n");
        assertThat(Invocation.of(server, "volume", "ls").out())
                .containsPattern("VOLUME +CREATED +KIND +LABELS")
                .containsPattern("data +.* ago +named +app=web,plain=");
        Invocation.of(server, "volume", "ls", "--filter", "label=app=web", "-f", "label=plain");
        assertThat(server.volumes.filters).isEqualTo(Map.of("app", "web", "plain", ""));
        var inspected = Invocation.of(server, "volume", "inspect", "data", "missing");
        assertThat(inspected.code()).isEqualTo(1);
        assertThat(inspected.out()).contains("\"name\" : \"data\"", "\"path\" : \"/volumes/data\"");
        assertThat(inspected.err()).contains("volume: missing");
    }

    @Test
    void oneThatCannotBeRemovedDoesNotKeepTheOthers() {
        Invocation.of(server, "volume", "create", "data");
        var removed = Invocation.of(server, "volume", "rm", "missing", "data");
        assertThat(removed.code()).isEqualTo(1);
        assertThat(removed.out()).isEqualTo("data\n");
        assertThat(removed.err()).contains("volume: missing");
        assertThat(server.volumes.all).isEmpty();
    }

    @Test
    void aPruneTellsWhatItReclaimed() {
        Invocation.of(server, "volume", "create", "data");
        var pruned = Invocation.of(server, "volume", "prune", "-f", "--all", "--filter", "label=app");
        assertThat(pruned.out()).isEqualTo("data\nReclaimed 1.50 MiB\n");
        assertThat(server.volumes.prunes.getFirst().getAll()).isTrue();
        assertThat(server.volumes.prunes.getFirst().getLabelsMap()).isEqualTo(Map.of("app", ""));
        assertThat(Invocation.of(server, "volume", "prune", "--json").out()).contains("\"reclaimedBytes\" : 1572864");
    }

    @Test
    void aFilterThatIsNoneIsRefused() {
        var refused = Invocation.of(server, "volume", "ls", "--filter", "dangling=true");
        assertThat(refused.code()).isNotZero();
        assertThat(refused.err()).contains("filter: \"dangling=true\" (expected: label=NAME[=VALUE])");
    }

    @Test
    void aRemovalTakesTheVolumesOnlyWhereThatIsAskedFor() {
        server.containers.add(FakeServer.running("web"));
        Invocation.of(server, "rm", "web");
        Invocation.of(server, "rm", "-fv", "web");
        assertThat(server.removals)
                .extracting(removal -> removal.getForce() + " " + removal.getVolumes())
                .containsExactly("false false", "true true");
    }
}
