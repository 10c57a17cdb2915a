package io.tailrace.runtime.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.Image;
import io.tailrace.runtime.spi.ResourceUsage;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Containers come, go, and do not get in each other's way. */
interface ContainerConformance {
    int CONTAINERS_AT_ONCE = 20;

    Bench bench();

    @Test
    default void theImageUnderTestIsFoundByReferenceAndId() {
        Image image = bench().runtime()
                .images()
                .get(bench().spec(bench().process(List.of("x"))).image());
        assertThat(image.id()).matches("sha256:[0-9a-f]{64}");
        assertThat(bench().runtime().images().get(image.id()).id()).isEqualTo(image.id());
        assertThat(bench().runtime().images().list()).extracting(Image::id).contains(image.id());
    }

    @Test
    default void anUnknownImageIsNotFound() {
        ContainerSpec spec = bench().spec(bench().process(List.of("x")));
        ContainerSpec unknown = ContainerSpec.of(spec.id(), "localhost/no-such-image:1", spec.process());
        assertThatThrownBy(() -> bench().create(unknown)).extracting("code").isEqualTo(Code.NOT_FOUND);
        assertThat(bench().runtime().handles()).noneMatch(handle -> handle.contains(spec.id()));
    }

    @Test
    default void anIdIsTakenOnce() {
        ContainerSpec spec = bench().spec(bench().process(bench().commands().waits()));
        bench().create(spec);
        assertThatThrownBy(() -> bench().runtime().create(spec))
                .extracting("code")
                .isEqualTo(Code.ALREADY_EXISTS);
    }

    @Test
    default void aContainerHasOneInitProcessAtATime() {
        RuntimeContainer container = bench().create(bench().commands().waits());
        assertThat(container.process()).isEmpty();
        RuntimeProcess process = container.prepare();
        assertThat(process.status()).isEqualTo(RuntimeProcess.Status.CREATED);
        assertThatThrownBy(container::prepare).extracting("code").isEqualTo(Code.FAILED_PRECONDITION);
        process.delete();
        container.prepare().delete();
    }

    @Test
    default void aContainerRunsAgainAfterItsProcessWasDeleted() throws Exception {
        RuntimeContainer container = bench().create(bench().commands().writes("run", "", 3));
        for (int i = 0; i < 3; i++) {
            RuntimeProcess process = container.prepare();
            Reading out = Reading.of(process.stdout());
            process.start();
            assertThat(Bench.text(out.await())).isEqualTo("run");
            assertThat(Bench.exitOf(process).exitCode()).isEqualTo(3);
            process.delete();
            assertThat(container.process()).isEmpty();
        }
    }

    @Test
    default void deletingAndRemovingAgainIsNoError() throws Exception {
        RuntimeContainer container = bench().create(bench().commands().exits(0));
        RuntimeProcess process = container.prepare();
        process.start();
        Bench.exitOf(process);
        process.delete();
        process.delete();
        container.remove();
        container.remove();
        assertThat(bench().runtime().handles()).doesNotContain(container.handle());
        assertThatThrownBy(() -> bench().runtime().recover(container.handle()))
                .extracting("code")
                .isEqualTo(Code.NOT_FOUND);
    }

    @Test
    default void handlesNameTheContainersThereAre() {
        RuntimeContainer first = bench().create(bench().commands().waits());
        RuntimeContainer second = bench().create(bench().commands().waits());
        assertThat(bench().runtime().handles()).contains(first.handle(), second.handle());
    }

    @Test
    default void aPausedContainerSaysSoAndResumes() throws Exception {
        assumeTrue(bench().can(Capability.PAUSE));
        RuntimeContainer container = bench().start(bench().commands().waits());
        RuntimeProcess process = container.process().orElseThrow();
        container.pause();
        assertThat(process.status()).isEqualTo(RuntimeProcess.Status.PAUSED);
        container.resume();
        assertThat(process.status()).isEqualTo(RuntimeProcess.Status.RUNNING);
        process.signal(9);
        Bench.exitOf(process);
    }

    @Test
    default void aRunningContainerTellsItsUsage() {
        assumeTrue(bench().can(Capability.USAGE));
        RuntimeContainer container = bench().start(bench().commands().waits());
        ResourceUsage first = container.usage();
        ResourceUsage second = container.usage();
        assertThat(second.cpuNanos()).isGreaterThanOrEqualTo(first.cpuNanos());
        assertThat(second.memoryBytes()).isPositive();
        assertThat(second.pids()).isPositive();
    }

    @Test
    default void limitsThatAreChangedAreTold() {
        assumeTrue(bench().can(Capability.UPDATE_LIMITS) && bench().can(Capability.USAGE));
        RuntimeContainer container = bench().create(bench().commands().waits());
        container.update(new ContainerSpec.Limits(64 << 20, 0, 0, 0, "", 0));
        container.prepare().start();
        assertThat(container.usage().memoryLimitBytes()).isEqualTo(64 << 20);
        container.update(new ContainerSpec.Limits(128 << 20, -1, 0, 0, "", 0));
        assertThat(container.usage().memoryLimitBytes()).isEqualTo(128 << 20);
        container.update(ContainerSpec.Limits.NONE);
        assertThat(container.usage().memoryLimitBytes()).isZero();
    }

    @Test
    default void manyContainersRunAtOnce() throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> runs = new ArrayList<>();
            for (int i = 0; i < CONTAINERS_AT_ONCE; i++) {
                String text = "container " + i;
                int code = i;
                runs.add(executor.submit(() -> {
                    RuntimeProcess process = bench().create(bench().commands().writes(text, text, code))
                            .prepare();
                    Reading out = Reading.of(process.stdout());
                    Reading err = Reading.of(process.stderr().orElseThrow());
                    process.start();
                    assertThat(Bench.text(out.await())).isEqualTo(text);
                    assertThat(Bench.text(err.await())).isEqualTo(text);
                    assertThat(Bench.exitOf(process).exitCode()).isEqualTo(code);
                    process.delete();
                    return null;
                }));
            }
            for (Future<?> run : runs) {
                run.get(Bench.PATIENCE.toSeconds() * 2, TimeUnit.SECONDS);
            }
        }
    }
}
