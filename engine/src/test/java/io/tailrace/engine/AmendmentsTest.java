package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.runtime.conformance.ScriptedMachine.Call;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a container was made with is changed: its limits, its restart policy, its name. */
@Timeout(60)
class AmendmentsTest {
    private static final Cursor BEGINNING = new Cursor(Cursor.FEED, 0);
    private static final long MIB = 1 << 20;

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

    private static ContainerUpdate memory(long bytes) {
        return new ContainerUpdate(bytes, null, null, null, null, null, null);
    }

    private static ContainerUpdate restart(RestartPolicy policy) {
        return new ContainerUpdate(null, null, null, null, null, null, policy);
    }

    private List<FeedRecord> feed() throws InterruptedException {
        try (FeedSubscription feed = test.engine().feed(BEGINNING)) {
            List<FeedRecord> records = new ArrayList<>();
            for (FeedRecord record = feed.next(Duration.ZERO); record != null; record = feed.next(Duration.ZERO)) {
                records.add(record);
            }
            return records;
        }
    }

    private static void assertCode(ErrorCode code, String part, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOf(EngineException.class)
                .hasMessageContaining(part)
                .extracting("code")
                .isEqualTo(code);
    }

    @Test
    void whatIsUpdatedIsToldAndTheRestStaysAlsoInTheNextServer() throws Exception {
        NewContainer request = new Request("hold").memoryBytes(64 * MIB).build();
        Container container = test.engine().create(request);
        container.start();
        container.update(new ContainerUpdate(null, null, 500_000_000L, null, "0-1", 100L, null));
        Limits expected = new Limits(64 * MIB, 0, 500_000_000, 0, "0-1", 100);
        assertThat(container.request().limits()).isEqualTo(expected);
        assertThat(container.spec().limits()).isEqualTo(expected);
        assertThat(feed().getLast().event()).isEqualTo("updated");
        container.update(memory(128 * MIB));
        container.update(restart(new RestartPolicy(RestartPolicy.Kind.ON_FAILURE, 3)));
        assertThat(container.usage().sample().memoryLimitBytes()).isEqualTo(128 * MIB);
        List<FeedRecord> before = feed();

        test.restart();

        Container again = test.again(container);
        assertThat(again.request().limits()).isEqualTo(new Limits(128 * MIB, 0, 500_000_000, 0, "0-1", 100));
        assertThat(again.spec().limits()).isEqualTo(again.request().limits());
        assertThat(again.request().restart()).isEqualTo(new RestartPolicy(RestartPolicy.Kind.ON_FAILURE, 3));
        assertThat(again.status().state()).isEqualTo(ContainerState.RUNNING);
        assertThat(feed()).isEqualTo(before);
    }

    @Test
    void aRepeatedCreateFindsTheContainerAlsoWhenItWasAmended() {
        NewContainer request =
                new Request("hold").id("ab".repeat(32)).name("first").build();
        Container made = test.engine().create(request);
        made.update(memory(64 * MIB));
        made.rename("second");
        assertThat(test.engine().create(request)).isSameAs(made);
    }

    @Test
    void aPolicyThatIsUpdatedIsThatOfTheNextExit() throws Exception {
        Container container = test.start("hold");
        container.update(restart(new RestartPolicy(RestartPolicy.Kind.ON_FAILURE, 1)));
        test.process(container).kill(9);
        await().atMost(TestEngine.LONG)
                .until(() ->
                        container.status().restarts() == 1 && container.status().state() == ContainerState.RUNNING);
        container.update(restart(RestartPolicy.NO));
        test.process(container).kill(9);
        TestEngine.awaitExit(container);
        assertThat(container.status().state()).isEqualTo(ContainerState.EXITED);
    }

    @Test
    void aRestartThatIsDueDoesNotComeWhenThereIsToBeNone() {
        Container container = test.engine()
                .create(new Request("false")
                        .restart(RestartPolicy.Kind.ALWAYS, 0)
                        .build());
        container.start();
        await().atMost(TestEngine.LONG)
                .until(() ->
                        container.status().restarts() >= 3 && container.status().state() == ContainerState.RESTARTING);
        container.update(restart(RestartPolicy.NO));
        await().atMost(TestEngine.LONG).until(() -> container.status().state() == ContainerState.EXITED);
    }

    @Test
    void whatTheRuntimeRefusesChangesNothing() throws Exception {
        Container container = test.start("hold");
        container.update(memory(128 * MIB));
        int told = feed().size();
        test.machine().failNext(Call.UPDATE, Code.FAILED_PRECONDITION);
        assertCode(ErrorCode.FAILED_PRECONDITION, "", () -> container.update(memory(64 * MIB)));
        assertThat(container.request().limits().memoryBytes()).isEqualTo(128 * MIB);
        assertThat(container.usage().sample().memoryLimitBytes()).isEqualTo(128 * MIB);
        assertThat(feed()).hasSize(told);
    }

    @Test
    void wrongValuesAreNamedAndChangeNothing() throws Exception {
        Container container = test.start("hold");
        int told = feed().size();
        ContainerUpdate nothing = new ContainerUpdate(null, null, null, null, null, null, null);
        assertCode(ErrorCode.INVALID_ARGUMENT, "update: empty", () -> container.update(nothing));
        assertCode(ErrorCode.INVALID_ARGUMENT, "memory: -1", () -> container.update(memory(-1)));
        assertCode(ErrorCode.INVALID_ARGUMENT, "memory: 1 ", () -> container.update(memory(1)));
        assertRefused(container, "memorySwap: 5", null, 5L, null, null);
        assertRefused(container, "memorySwap: -2", null, -2L, null, null);
        assertRefused(container, "cpus: 0-", null, null, "0-", null);
        assertRefused(container, "pids: -1", null, null, null, -1L);
        assertRefused(container, "cpus: ", null, null, "0,".repeat(600) + "0", null);
        assertCode(
                ErrorCode.INVALID_ARGUMENT,
                "restart retries: -1",
                () -> container.update(restart(new RestartPolicy(RestartPolicy.Kind.ON_FAILURE, -1))));
        Container temporary =
                test.engine().create(new Request("hold").autoRemove().build());
        assertCode(
                ErrorCode.INVALID_ARGUMENT,
                "restart: always",
                () -> temporary.update(restart(new RestartPolicy(RestartPolicy.Kind.ALWAYS, 0))));
        assertThat(container.request().limits()).isEqualTo(Limits.NONE);
        assertThat(feed()).hasSize(told + 1);
    }

    private static void assertRefused(
            Container container,
            String part,
            @Nullable Long cpuNanos,
            @Nullable Long swap,
            @Nullable String cpus,
            @Nullable Long pids) {
        assertCode(
                ErrorCode.INVALID_ARGUMENT,
                part,
                () -> container.update(new ContainerUpdate(null, swap, cpuNanos, null, cpus, pids, null)));
    }

    @Test
    void aRemovedContainerIsNotAmended() {
        Container container = test.create("hold");
        container.remove(false);
        assertCode(ErrorCode.FAILED_PRECONDITION, "removed", () -> container.update(memory(64 * MIB)));
        assertCode(ErrorCode.FAILED_PRECONDITION, "removed", () -> container.rename("late"));
        assertThat(test.engine()
                        .create(new Request("hold").name("late").build())
                        .name())
                .isEqualTo("late");
    }

    @Test
    void aNewNameFindsItAndTheOldOneIsFreeAtOnceAlsoInTheNextServer() throws Exception {
        Container container =
                test.engine().create(new Request("hold").name("before").build());
        container.start();
        container.rename("after");
        assertThat(container.name()).isEqualTo("after");
        assertThat(test.engine().container("after")).isSameAs(container);
        assertCode(ErrorCode.NOT_FOUND, "before", () -> test.engine().container("before"));
        Container heir = test.engine().create(new Request("hold").name("before").build());
        List<FeedRecord> told = feed();
        assertThat(told).extracting(FeedRecord::event).contains("renamed");
        assertThat(told)
                .filteredOn(record -> record.containerId().equals(container.id()))
                .extracting(FeedRecord::containerName)
                .containsExactly("before", "before", "before", "after");

        test.restart();

        assertThat(test.engine().container("after").id()).isEqualTo(container.id());
        assertThat(test.engine().container("before").id()).isEqualTo(heir.id());
        assertThat(test.again(container).request().name()).isEqualTo("after");
        assertThat(feed()).isEqualTo(told);
    }

    @Test
    void aNameThatIsTakenOrNoneIsRefusedAndChangesNothing() throws Exception {
        Container container =
                test.engine().create(new Request("hold").name("mine").build());
        Container other = test.engine().create(new Request("hold").name("taken").build());
        int told = feed().size();
        assertCode(ErrorCode.ALREADY_EXISTS, "name: taken", () -> container.rename("taken"));
        assertCode(ErrorCode.INVALID_ARGUMENT, "name: empty", () -> container.rename(""));
        assertCode(ErrorCode.INVALID_ARGUMENT, "name: /x", () -> container.rename("/x"));
        assertCode(ErrorCode.INVALID_ARGUMENT, "name: aaa", () -> container.rename("a".repeat(129)));
        container.rename("mine");
        assertThat(feed()).hasSize(told);
        assertThat(test.engine().container("mine")).isSameAs(container);
        assertThat(test.engine().container("taken")).isSameAs(other);
    }

    @Test
    void theNameOfARemovedContainerMayBeTaken() {
        Container removed = test.engine().create(new Request("hold").name("old").build());
        removed.rename("older");
        removed.remove(false);
        Container heir = test.create("hold");
        heir.rename("older");
        assertThat(test.engine().container("older")).isSameAs(heir);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void ofManyWhoWantANameOneGetsIt(int round) throws Exception {
        int count = 8;
        String name = "wanted-" + round;
        List<Container> renamed = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            renamed.add(test.create("hold"));
        }
        List<Callable<String>> wants = new ArrayList<>();
        for (Container container : renamed) {
            wants.add(() -> {
                container.rename(name);
                return container.id();
            });
            wants.add(() ->
                    test.engine().create(new Request("hold").name(name).build()).id());
        }
        List<String> winners = new ArrayList<>();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<String> want : executor.invokeAll(wants)) {
                try {
                    winners.add(want.get());
                } catch (ExecutionException e) {
                    assertThat(e.getCause()).extracting("code").isEqualTo(ErrorCode.ALREADY_EXISTS);
                }
            }
        }
        assertThat(winners).hasSize(1);
        assertThat(test.engine().container(name).id()).isEqualTo(winners.getFirst());
        assertThat(test.engine().containers(false))
                .filteredOn(container -> container.name().equals(name))
                .hasSize(1);
    }
}
