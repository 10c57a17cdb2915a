package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.runtime.conformance.ScriptedMachine.Call;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.Mount;
import io.tailrace.runtime.spi.NewVolume;
import io.tailrace.runtime.spi.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class VolumesTest {
    private static final String ID = "0123456789abcdef".repeat(4);

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

    private EngineVolumes volumes() {
        return test.engine().volumes();
    }

    private List<String> names() {
        return volumes().list(Map.of()).stream().map(Volume::name).toList();
    }

    private static Mount volume(String name, String target, String... options) {
        return new Mount(Mount.Type.VOLUME, name, target, false, 0, List.of(options));
    }

    private Container create(Mount... mounts) {
        return test.engine().create(new Request("true").mounts(mounts).build());
    }

    private static String onlyMount(Container container) {
        assertThat(container.spec().mounts()).hasSize(1);
        return container.spec().mounts().getFirst().source();
    }

    private static void fails(ErrorCode code, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(EngineException.class)
                .hasMessageStartingWith(message)
                .extracting("code")
                .isEqualTo(code);
    }

    @Test
    void aMountedVolumeIsMadeIfItIsMissingAndStays() {
        Container container = create(volume("data", "/data"));
        assertThat(names()).containsExactly("data");
        assertThat(volumes().get("data").isAnonymous()).isFalse();
        container.remove(false, true);
        assertThat(names()).containsExactly("data");
        create(volume("data", "/data"));
        assertThat(names()).containsExactly("data");
    }

    @Test
    void aVolumeWithoutANameGetsOneAndGoesWithTheContainerIfThatIsAskedFor() throws Exception {
        Container kept = create(volume("", "/data"));
        String name = onlyMount(kept);
        assertThat(name).matches("[0-9a-f]{64}");
        assertThat(volumes().get(name).isAnonymous()).isTrue();
        test.restart();
        assertThat(onlyMount(test.again(kept))).isEqualTo(name);
        test.again(kept).remove(false);
        assertThat(names()).containsExactly(name);
        create(volume("", "/data")).remove(false, true);
        assertThat(names()).containsExactly(name);
        Container itself = test.engine()
                .create(new Request("true")
                        .mounts(volume("", "/data"), volume("named", "/named"))
                        .autoRemove()
                        .build());
        itself.start();
        assertThat(itself.await(Container.WaitCondition.REMOVED, TestEngine.LONG))
                .isPresent();
        assertThat(names()).containsExactlyInAnyOrder(name, "named");
    }

    @Test
    void theImagesPathsGetVolumesUnlessSomethingIsMountedThere() {
        test.machine().imageVolumes("scripted", List.of("/var/lib/db", "/cache/", "/logs"));
        Container container = create(
                volume("mine", "/var/lib/db/"), new Mount(Mount.Type.TMPFS, "", "/logs/old", false, 0, List.of()));
        assertThat(container.spec().mounts())
                .extracting(Mount::target)
                .containsExactly("/var/lib/db/", "/logs", "/logs/old", "/cache");
        assertThat(names()).hasSize(3);
        container.remove(false, true);
        assertThat(names()).containsExactly("mine");
        test.machine().imageVolumes("scripted", List.of("relative"));
        fails(ErrorCode.INVALID_ARGUMENT, "volume of the image: relative (expected: an absolute path", this::create);
        test.machine().imageVolumes("scripted", List.of("/x/.."));
        fails(ErrorCode.INVALID_ARGUMENT, "volume of the image: /x/.. (expected: an absolute path", this::create);
    }

    @Test
    void aVolumeThatAContainerHasIsNotRemoved() {
        Container container = test.engine()
                .create(new Request("true")
                        .name("web")
                        .mounts(volume("data", "/data"))
                        .build());
        fails(
                ErrorCode.FAILED_PRECONDITION,
                "volume data is used by container web (expected: ",
                () -> volumes().remove("data"));
        test.restart();
        fails(
                ErrorCode.FAILED_PRECONDITION,
                "volume data is used by container web (expected: ",
                () -> volumes().remove("data"));
        assertThat(volumes().prune(true, Map.of()).volumes()).isEmpty();
        test.again(container).remove(false);
        volumes().remove("data");
        fails(
                ErrorCode.NOT_FOUND,
                "volume: data (expected: one that exists)",
                () -> volumes().remove("data"));
    }

    @Test
    void aVolumeIsKeptForAContainerThatIsBeingMade() {
        List<Throwable> failures = new ArrayList<>();
        test.machine().beforeNext(Call.CREATE, () -> {
            try {
                volumes().remove("data");
            } catch (EngineException e) {
                failures.add(e);
            }
            assertThat(volumes().prune(true, Map.of()).volumes()).isEmpty();
        });
        create(volume("data", "/data"));
        assertThat(failures)
                .singleElement()
                .extracting(Throwable::getMessage)
                .asString()
                .startsWith("volume data is used by a container that is being made");
        assertThat(names()).containsExactly("data");
    }

    @Test
    void anAnonymousVolumeThatAnotherContainerHasByNameOutlivesItsOwn() {
        Container first = create(volume("", "/data"));
        String name = onlyMount(first);
        Container second = create(volume(name, "/data"));
        first.remove(false, true);
        assertThat(names()).containsExactly(name);
        second.remove(false, true);
        assertThat(names()).containsExactly(name);
        assertThat(volumes().prune(false, Map.of()).volumes()).containsExactly(name);
    }

    @Test
    void aCreateThatFailsRemovesTheVolumesThatItMade() {
        volumes().create("before", Map.of());
        for (Call call : List.of(Call.CREATE, Call.CREATE_VOLUME)) {
            test.machine().failNext(call, Code.RESOURCE_EXHAUSTED);
            assertThatThrownBy(() -> create(volume("before", "/a"), volume("new", "/b"), volume("", "/c")))
                    .extracting("code")
                    .isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
            assertThat(names()).containsExactly("before");
            assertThat(test.engine().containers(true)).isEmpty();
        }
        volumes().remove("before");
    }

    @Test
    void aCreateThatFailsLeavesWhatAnotherHasTakenMeanwhile() {
        test.machine().beforeNext(Call.CREATE, () -> {
            create(volume("shared", "/a")).remove(false);
            throw new IllegalStateException("scripted");
        });
        assertThatThrownBy(() -> create(volume("shared", "/b"), volume("own", "/c")));
        assertThat(names()).containsExactly("shared");
    }

    @Test
    void whatACreateThatWasCutShortLeftIsRemovedAtTheNextStart() throws Exception {
        String kept = onlyMount(create(volume("", "/data")));
        test.shutDown();
        test.runtime().reopen().volumes().create(NewVolume.anonymous("a".repeat(64), ID));
        test.runtime().reopen().volumes().create(NewVolume.anonymous("b".repeat(64), "f".repeat(64)));
        Files.createDirectories(directory.resolve("data/containers/" + ID + "/timeline"));
        test.startUp();
        assertThat(names()).containsExactlyInAnyOrder(kept, "b".repeat(64));
    }

    @Test
    void noVolumeIsRemovedWhileAContainerIsUnknown() throws Exception {
        Container container = create(volume("data", "/data"));
        volumes().create("other", Map.of());
        test.shutDown();
        Path timeline = directory.resolve("data/containers/" + container.id() + "/timeline");
        Path aside = Files.move(timeline, directory.resolve("aside"));
        Files.writeString(timeline, "no directory");
        test.startUp();
        assertThat(test.engine().problems()).isNotEmpty();
        fails(
                ErrorCode.FAILED_PRECONDITION,
                "volumes: none can be removed",
                () -> volumes().remove("data"));
        fails(
                ErrorCode.FAILED_PRECONDITION,
                "volumes: none can be",
                () -> volumes().prune(true, Map.of()));
        test.shutDown();
        Files.delete(timeline);
        Files.move(aside, timeline);
        test.startUp();
        volumes().remove("other");
        fails(
                ErrorCode.FAILED_PRECONDITION,
                "volume data is used by",
                () -> volumes().remove("data"));
    }

    @Test
    void aRepeatedCreateGivesTheVolumeThatIsThere() throws Exception {
        Volume volume = volumes().create("data", Map.of("a", "b"));
        assertThat(volumes().create("data", Map.of("a", "b"))).isEqualTo(volume);
        fails(
                ErrorCode.ALREADY_EXISTS,
                "volume: data (expected: ",
                () -> volumes().create("data", Map.of()));
        assertThat(volumes().create("", Map.of()).name()).matches("[0-9a-f]{64}");
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Volume>> calls = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                calls.add(() -> volumes().create("crowd", Map.of()));
            }
            for (Future<Volume> made : executor.invokeAll(calls)) {
                assertThat(made.get()).isEqualTo(volumes().get("crowd"));
            }
        }
    }

    @Test
    void aPruneRemovesWhatNobodyHasAndTellsTheBytes() {
        String free = onlyMount(create(volume("", "/data")));
        test.engine().containers(false).forEach(container -> container.remove(false));
        String used = onlyMount(create(volume("", "/data")));
        volumes().create("app", Map.of("app", "web", "stage", "test"));
        volumes().create("other", Map.of("app", "db"));
        test.machine().fillVolume(free, 1_000);
        test.machine().fillVolume("app", 20_000);
        test.machine().fillVolume("other", 300_000);
        assertThat(volumes().prune(false, Map.of("app", "web"))).isEqualTo(new EngineVolumes.Pruned(List.of(), 0));
        assertThat(volumes().prune(false, Map.of())).isEqualTo(new EngineVolumes.Pruned(List.of(free), 1_000));
        assertThat(volumes().list(Map.of("app", "", "stage", "test"))).hasSize(1);
        assertThat(volumes().prune(true, Map.of("app", "web")))
                .isEqualTo(new EngineVolumes.Pruned(List.of("app"), 20_000));
        assertThat(volumes().prune(true, Map.of())).isEqualTo(new EngineVolumes.Pruned(List.of("other"), 300_000));
        assertThat(names()).containsExactly(used);
    }

    @Test
    void everyWrongValueIsNamed() {
        for (String name : List.of("/etc", "../x", "a", "..", "a/b", "x".repeat(129), "-v", "a\0b")) {
            fails(ErrorCode.INVALID_ARGUMENT, "volume: ", () -> volumes().create(name, Map.of()));
            fails(ErrorCode.INVALID_ARGUMENT, "volume: ", () -> volumes().get(name));
            fails(ErrorCode.INVALID_ARGUMENT, "volume: ", () -> volumes().remove(name));
            fails(ErrorCode.INVALID_ARGUMENT, "volume: ", () -> create(volume(name, "/v")));
        }
        fails(ErrorCode.INVALID_ARGUMENT, "mount target: v (expected: ", () -> create(volume("data", "v")));
        fails(
                ErrorCode.INVALID_ARGUMENT,
                "mount option: rslave (expected: nocopy for a volume)",
                () -> create(volume("data", "/v", "rslave")));
        fails(
                ErrorCode.INVALID_ARGUMENT,
                "mount size: 5 (expected: 0 for a volume)",
                () -> create(new Mount(Mount.Type.VOLUME, "data", "/v", false, 5, List.of())));
        fails(
                ErrorCode.INVALID_ARGUMENT,
                "label name: empty (expected: not empty)",
                () -> volumes().create("data", Map.of("", "x")));
        Map<String, String> large = new java.util.HashMap<>();
        for (int i = 0; i < 20; i++) {
            large.put("label" + i, "x".repeat(4_000));
        }
        fails(ErrorCode.INVALID_ARGUMENT, "label bytes: ", () -> volumes().create("data", large));
        assertThat(names()).isEmpty();
        assertThat(test.engine().containers(true)).isEmpty();
    }

    @Test
    void aVolumeThatCannotBeRemovedKeepsItsContainerUntilItCan() throws Exception {
        Container container = create(volume("", "/data"));
        test.machine().failNext(Call.REMOVE_VOLUME, Code.UNAVAILABLE);
        assertThatThrownBy(() -> container.remove(false, true))
                .extracting("code")
                .isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(container.status().state()).isNotEqualTo(ContainerState.REMOVED);
        container.remove(false, true);
        assertThat(names()).isEmpty();
    }
}
