package io.tailrace.runtime.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.Mount;
import io.tailrace.runtime.spi.NewVolume;
import io.tailrace.runtime.spi.Volume;
import io.tailrace.runtime.spi.Volumes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Volumes are there until they are removed, and under no name that is none. */
interface VolumeConformance {
    Bench bench();

    private Volumes volumes() {
        assumeTrue(bench().can(Capability.VOLUMES));
        return bench().runtime().volumes();
    }

    @Test
    default void aVolumeIsMadeOnceFoundListedAndRemoved() {
        Volume made = bench().createVolume(NewVolume.named("conformance-1", Map.of("a", "b", "c", "")));
        assertThat(made.name()).isEqualTo("conformance-1");
        assertThat(made.labels()).containsOnly(Map.entry("a", "b"), Map.entry("c", ""));
        assertThat(made.isAnonymous()).isFalse();
        assertThat(made.path()).isNotEmpty();
        assertThat(Duration.between(made.createdAt(), Instant.now())).isLessThan(Duration.ofMinutes(1));
        assertThatThrownBy(() -> volumes().create(NewVolume.named("conformance-1", Map.of())))
                .hasMessageContaining("conformance-1")
                .extracting("code")
                .isEqualTo(Code.ALREADY_EXISTS);
        bench().reopen();
        assertThat(volumes().get("conformance-1")).isEqualTo(made);
        assertThat(volumes().list()).containsExactly(made);
        volumes().remove("conformance-1");
        assertThat(volumes().list()).isEmpty();
        for (Runnable call : List.<Runnable>of(
                () -> volumes().get("conformance-1"), () -> volumes().remove("conformance-1"))) {
            assertThatThrownBy(call::run)
                    .hasMessageContaining("conformance-1")
                    .extracting("code")
                    .isEqualTo(Code.NOT_FOUND);
        }
    }

    @Test
    default void anAnonymousVolumeRemembersWhoseItIs() {
        String container = Bench.newId();
        bench().createVolume(NewVolume.anonymous(Bench.newId(), container));
        bench().reopen();
        assertThat(volumes().list()).hasSize(1).allSatisfy(volume -> {
            assertThat(volume.isAnonymous()).isTrue();
            assertThat(volume.madeFor()).isEqualTo(container);
            assertThat(volume.labels()).isEmpty();
        });
    }

    @Test
    default void whatCanBeNoNameIsRefused() {
        for (String name : List.of(
                "",
                "a",
                ".",
                "..",
                "../x",
                "/etc",
                "a/b",
                "-v",
                ".new-x",
                "a b",
                "a\nb",
                "a\0b",
                "ä1",
                "x".repeat(129))) {
            for (Runnable call : List.<Runnable>of(
                    () -> volumes().create(NewVolume.named(name, Map.of())),
                    () -> volumes().get(name),
                    () -> volumes().remove(name))) {
                assertThatThrownBy(call::run)
                        .as(name)
                        .hasMessageContaining("volume: ")
                        .extracting("code")
                        .isEqualTo(Code.INVALID_ARGUMENT);
            }
        }
        assertThat(volumes().list()).isEmpty();
        bench().createVolume(NewVolume.named("x".repeat(128), Map.of()));
    }

    @Test
    default void aContainerOfAVolumeThatIsNotThereIsNotMade() {
        assumeTrue(bench().can(Capability.VOLUMES));
        Options options = bench().options("true");
        options.mounts = List.of(new Mount(Mount.Type.VOLUME, "no-such-volume", "/v", false, 0, List.of()));
        assertThatThrownBy(() -> bench().create(options.spec()))
                .hasMessageContaining("no-such-volume")
                .extracting("code")
                .isEqualTo(Code.NOT_FOUND);
        assertThat(bench().runtime().handles()).isEmpty();
        assertThat(volumes().list()).isEmpty();
    }

    @Test
    default void theSizesOfThoseThatAreThereAreTold() {
        bench().createVolume(NewVolume.named("conformance-2", Map.of()));
        bench().createVolume(NewVolume.named("conformance-3", Map.of()));
        Map<String, Long> sizes = volumes().sizes(List.of("conformance-2", "conformance-3", "no-such-volume"));
        assertThat(sizes).containsOnlyKeys("conformance-2", "conformance-3");
        // An empty one takes no room on some file systems.
        assertThat(sizes.get("conformance-2")).isNotNegative().isEqualTo(sizes.get("conformance-3"));
    }
}
