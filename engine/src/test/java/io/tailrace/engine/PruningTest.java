package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.runtime.conformance.ScriptedMachine.Call;
import io.tailrace.runtime.conformance.Scripts;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.FileChange;
import io.tailrace.runtime.spi.Image;
import io.tailrace.runtime.spi.Images;
import io.tailrace.runtime.spi.ProcessEntry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is in containers, what they and others take on the disk, and the removal of what nobody uses. */
@Timeout(60)
class PruningTest {
    private static final PruneFilter ALL = new PruneFilter(null, Map.of());

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
    void whatDoesNotRunIsRemovedAndItsBytesAreCounted() throws Exception {
        Container running = test.start("hold");
        Container paused = test.start("hold");
        paused.pause();
        Container created = test.create("true");
        Container exited = test.run("change", "3000000");
        Pruned pruned = test.engine().pruneContainers(ALL);
        assertThat(pruned.ids()).containsExactlyInAnyOrder(created.id(), exited.id());
        assertThat(pruned.reclaimedBytes()).isEqualTo(3_000_000);
        assertThat(exited.status().state()).isEqualTo(ContainerState.REMOVED);
        assertThat(test.engine().containers(false)).containsExactlyInAnyOrder(running, paused);
        assertThat(test.engine().pruneContainers(ALL)).isEqualTo(new Pruned(List.of(), 0));
        assertThat(TestEngine.records(exited.process())).isNotEmpty();
    }

    @Test
    void whatIsAboutToBeStartedAgainStays() {
        Container container = test.engine()
                .create(new Request("false")
                        .restart(RestartPolicy.Kind.ALWAYS, 0)
                        .build());
        container.start();
        await().atMost(TestEngine.LONG)
                .until(() ->
                        container.status().restarts() >= 3 && container.status().state() == ContainerState.RESTARTING);
        assertThat(test.engine().pruneContainers(ALL).ids()).isEmpty();
        container.remove(true);
    }

    @Test
    void onlyWhatIsOldAndLabelledAsWantedIsRemoved() {
        Instant before = Instant.now();
        Container plain = test.create("true");
        Container labelled = test.engine()
                .create(new Request("true")
                        .labels(Map.of("app", "web", "tier", "1"))
                        .build());
        assertThat(test.engine()
                        .pruneContainers(new PruneFilter(before, Map.of()))
                        .ids())
                .isEmpty();
        assertThat(test.engine()
                        .pruneContainers(new PruneFilter(null, Map.of("app", "db")))
                        .ids())
                .isEmpty();
        assertThat(test.engine()
                        .pruneContainers(new PruneFilter(Instant.now().plusSeconds(60), Map.of("app", "", "tier", "1")))
                        .ids())
                .containsExactly(labelled.id());
        assertThat(test.engine().containers(false)).containsExactly(plain);
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i < 1_001; i++) {
            many.put("label-" + i, "");
        }
        assertThatThrownBy(() -> test.engine().pruneContainers(new PruneFilter(null, many)))
                .hasMessageContaining("labels: 1001")
                .extracting("code")
                .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }

    @Test
    void oneThatCannotBeRemovedStaysAndTheOthersGo() {
        Container first = test.create("true");
        Container second = test.create("true");
        test.machine().failNext(Call.REMOVE, Code.INTERNAL);
        Pruned pruned = test.engine().pruneContainers(ALL);
        assertThat(pruned.ids()).hasSize(1);
        Container left = pruned.ids().contains(first.id()) ? second : first;
        assertThat(left.status().state()).isEqualTo(ContainerState.CREATED);
        assertThat(test.engine().pruneContainers(ALL).ids()).containsExactly(left.id());
    }

    @Test
    void anImageGoesOnlyIfAskedForAndNoContainerWasMadeOfIt() {
        Image pulled = test.engine().pullImage("localhost/app:1", Images.ProgressListener.NONE);
        Container container = test.create("true");
        assertThat(test.engine().pruneImages(ALL, false).ids()).isEmpty();
        Pruned pruned = test.engine().pruneImages(ALL, true);
        assertThat(pruned.ids()).contains(pulled.id()).doesNotContain(container.imageId());
        assertThat(pruned.reclaimedBytes()).isPositive();
        assertThat(test.engine().images()).extracting(Image::id).containsExactly(container.imageId());
        container.remove(false);
        assertThat(test.engine()
                        .pruneImages(new PruneFilter(Instant.EPOCH, Map.of()), true)
                        .ids())
                .isEmpty();
        assertThat(test.engine()
                        .pruneImages(new PruneFilter(null, Map.of("made-by", "x")), true)
                        .ids())
                .isEmpty();
        assertThat(test.engine()
                        .pruneImages(new PruneFilter(null, Map.of("made-by", "script")), true)
                        .ids())
                .hasSize(1);
    }

    @Test
    void whatTakesRoomIsTold() throws Exception {
        Container running = test.start("hold");
        Container exited = test.run("change", "5000");
        Container removed = test.run("print", "100000");
        removed.remove(false);
        DiskUsage usage = test.engine().diskUsage();
        assertThat(usage.containers())
                .containsExactlyInAnyOrder(
                        new DiskUsage.Entry(running.id(), running.name(), 0, 0),
                        new DiskUsage.Entry(exited.id(), exited.name(), 5_000, 5_000));
        assertThat(usage.timelines()).hasSize(3).allMatch(entry -> entry.sizeBytes() > 0);
        assertThat(usage.timelines())
                .filteredOn(entry -> entry.reclaimableBytes() > 0)
                .extracting(DiskUsage.Entry::id)
                .containsExactly(removed.id());
        assertThat(usage.images())
                .filteredOn(entry -> entry.id().equals(running.imageId()))
                .hasSize(1)
                .allMatch(entry -> entry.sizeBytes() > 0 && entry.reclaimableBytes() == 0);
        assertThat(usage.images()).anyMatch(entry -> entry.reclaimableBytes() > 0);
    }

    @Test
    void processesAndChangesAreThoseOfTheRuntimeInOrder() throws Exception {
        Container container = test.start("hold");
        container.exec(TestEngine.newExec("more", "hold"));
        assertThat(container.processes())
                .extracting(ProcessEntry::arguments)
                .containsExactly(List.of("hold"), List.of("hold"));
        assertThat(container.changes()).isEmpty();
        Container changed = test.run("change", "1");
        assertThat(changed.changes())
                .extracting(FileChange::path)
                .containsExactly("/added", Scripts.ADDED, "/bin", Scripts.DELETED);
        assertThatThrownBy(changed::processes).extracting("code").isEqualTo(ErrorCode.FAILED_PRECONDITION);
        changed.remove(false);
        assertThatThrownBy(changed::changes).extracting("code").isEqualTo(ErrorCode.FAILED_PRECONDITION);
    }

    @Test
    void placesForMountsAreNoChanges() throws Exception {
        test.machine().script("mounted", process -> {
            for (String path : List.of("/data", "/data/deep", "/etc", "/etc/app", "/etc/app/conf", "/own")) {
                process.changes(new FileChange(FileChange.Kind.ADDED, path), 0);
            }
            return 0;
        });
        Container container = test.engine()
                .create(new Request("mounted")
                        .mounts(tmpfs("/data/deep"), tmpfs("/etc/app/conf"), tmpfs("/tmp"))
                        .build());
        container.start();
        TestEngine.awaitExit(container);
        assertThat(container.changes()).containsExactly(new FileChange(FileChange.Kind.ADDED, "/own"));
    }

    private static io.tailrace.runtime.spi.ContainerSpec.Mount tmpfs(String target) {
        return new io.tailrace.runtime.spi.ContainerSpec.Mount(
                io.tailrace.runtime.spi.ContainerSpec.Mount.Type.TMPFS, "", target, false, 0, List.of());
    }

    @Test
    void manyProcessesHaveTheirCommandLinesCutToOneAnswer() throws Exception {
        String[] command = {"hold", "x".repeat(100_000)};
        Container container = test.start(command);
        for (int i = 0; i < 15; i++) {
            container.exec(TestEngine.newExec("exec-" + i, command));
        }
        assertThat(container.processes())
                .hasSize(16)
                .allSatisfy(process -> assertThat(
                                String.join(" ", process.arguments()).length())
                        .isBetween(60_000, 65_536));
    }

    @Test
    void aStopThatIsToBeFollowedByAStartIsNoEnd() throws Exception {
        Container container = test.start("stubborn");
        Thread restart = Thread.ofVirtual().start(() -> container.restart(Duration.ZERO));
        for (int i = 0; i < 50; i++) {
            assertThat(test.engine().pruneContainers(ALL).ids()).isEmpty();
        }
        restart.join();
        assertThat(container.status().state()).isEqualTo(ContainerState.RUNNING);
    }
}
