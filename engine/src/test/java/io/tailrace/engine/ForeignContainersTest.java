package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tailrace.log.ExitReason;
import io.tailrace.log.StdStream;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.conformance.ScriptedMachine.Call;
import io.tailrace.runtime.conformance.ScriptedOthers;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ForeignContainer;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Containers that others make, start, end and remove on a machine that an engine follows. */
@Timeout(60)
class ForeignContainersTest {
    /** What nobody but a user has done to others' containers. */
    private static final List<Call> DEEDS =
            List.of(Call.CREATE, Call.START, Call.SIGNAL, Call.PAUSE, Call.UPDATE, Call.UPDATE_NAMES, Call.REMOVE);

    @TempDir
    Path directory;

    private TestEngine test;
    private ScriptedOthers others;

    @BeforeEach
    void open() {
        open(TestEngine.openToAll(directory, config -> config));
    }

    private void open(TestEngine opened) {
        test = opened;
        others = test.machine().others();
    }

    @AfterEach
    void close() {
        test.close();
    }

    private boolean isKnown(String id) {
        return test.engine().containers(true).stream()
                .anyMatch(container -> container.id().equals(id));
    }

    /** The container, once its timeline has this state. */
    private Container awaitState(String id, ContainerState state) {
        await().atMost(TestEngine.LONG)
                .until(() -> isKnown(id) && test.engine().container(id).status().state() == state);
        return test.engine().container(id);
    }

    private static void awaitExits(Container container, long exits) {
        EngineContainer known = (EngineContainer) container;
        await().atMost(TestEngine.LONG).until(() -> known.journal().fold().exits() == exits);
    }

    /** What is recorded now, of all runs. */
    private static List<TimelineRecord> all(Container container) throws InterruptedException {
        var request = new SubscriptionRequest(
                new SubscriptionRequest.From.Start(), Set.of(), Set.of(), SubscriptionRequest.End.NOW);
        try (Subscription subscription = container.process().subscribe(request)) {
            return TestEngine.drain(subscription);
        }
    }

    private static String text(Container container, StdStream stream) throws InterruptedException {
        return new String(TestEngine.bytes(all(container), stream), StandardCharsets.UTF_8);
    }

    private static String out(Container container) throws InterruptedException {
        return text(container, StdStream.STDOUT);
    }

    /** Notes what is done to others' containers from now on. */
    private Set<Call> deeds() {
        Set<Call> done = ConcurrentHashMap.newKeySet();
        DEEDS.forEach(call -> test.machine().beforeNext(call, () -> done.add(call)));
        return done;
    }

    @Test
    void whatOthersRunIsFollowedFromItsFirstByteOn() throws Exception {
        Set<Call> deeds = deeds();
        test.shutDown();
        String id = others.run("web", "hold");
        others.process(id).out("early ");
        test.startUp();
        Container web = awaitState(id, ContainerState.RUNNING);
        assertThat(web.isForeign()).isTrue();
        assertThat(web.name()).isEqualTo("web");
        assertThat(web.request().command()).containsExactly("hold");
        assertThat(web.status().pid()).isEqualTo(others.process(id).id());
        others.process(id).out("late");
        others.process(id).err("oops");
        others.process(id).exit(3);
        TimelineRecord.Exit exit = TestEngine.awaitExit(web);
        assertThat(exit.exitCode()).isEqualTo(3);
        assertThat(exit.reason()).isEqualTo(ExitReason.EXITED);
        assertThat(out(web)).isEqualTo("early late");
        assertThat(text(web, StdStream.STDERR)).isEqualTo("oops");
        assertThat(TestEngine.states(all(web)))
                .containsExactly("created", "starting", "running", "draining", "exited", "Exit EXITED");
        assertThat(deeds).isEmpty();
    }

    @Test
    void whatEndedBeforeAnybodyLookedIsNotFollowed() {
        test.shutDown();
        String ended = others.run("ended", "hold");
        others.process(ended).exit(0);
        test.startUp();
        others.rename(ended, "ended-before"); // which is told
        awaitState(others.run("runs", "hold"), ContainerState.RUNNING);
        assertThat(isKnown(ended)).isFalse();
        others.start(ended);
        assertThat(awaitState(ended, ContainerState.RUNNING).name()).isEqualTo("ended-before");
    }

    @Test
    void aNameThatIsTakenIsFollowedByTheBeginningOfTheId() {
        Container own = test.engine().create(new Request("hold").name("web").build());
        String id = others.run("web", "hold");
        assertThat(awaitState(id, ContainerState.RUNNING).name()).isEqualTo("web-" + id.substring(0, 12));
        assertThat(test.engine().container("web").id()).isEqualTo(own.id());
    }

    @Test
    void aRunThatOthersBeginIsTakenOverAndNoneIsBegun() throws Exception {
        Set<Call> deeds = deeds();
        String id = others.run("job", "both", "out ", "err", "4");
        Container job = awaitState(id, ContainerState.EXITED);
        for (int run = 2; run <= 4; run++) {
            others.start(id);
            awaitExits(job, run);
        }
        assertThat(out(job)).isEqualTo("out out out out ");
        assertThat(job.status().exit().exitCode()).isEqualTo(4);
        assertThat(job.status().restarts()).isZero();
        assertThat(deeds).isEmpty();
    }

    @Test
    void aRunThatIsGoneWhenItIsTakenOverIsAStartThatFailedAndNoneIsBegun() throws Exception {
        Set<Call> deeds = deeds();
        test.machine()
                .beforeNext(
                        Call.PREPARE,
                        () -> others.remove(test.machine().containerIds().getFirst()));
        String id = others.run("job", "hold");
        Container job = awaitState(id, ContainerState.REMOVED);
        assertThat(job.status().exit().reason()).isEqualTo(ExitReason.START_FAILED);
        assertThat(TestEngine.states(all(job))).contains("created", "starting", "exited", "Exit START_FAILED");
        assertThat(deeds).isEmpty();
    }

    @Test
    void aRunThatSomebodyElseTookOverAndEndedIsNotBegunAnew() throws Exception {
        Set<Call> deeds = deeds();
        test.machine().beforeNext(Call.PREPARE, this::takeOverAndEnd);
        String id = others.run("job", "hold");
        await().atMost(TestEngine.LONG).until(() -> isKnown(id));
        Container job = test.engine().container(id);
        assertThat(TestEngine.awaitExit(job).reason()).isEqualTo(ExitReason.START_FAILED);
        assertThat(job.status().exit().message()).contains("no run", "has begun");
        assertThat(deeds).isEmpty();
    }

    private void takeOverAndEnd() {
        String id = test.machine().containerIds().getFirst();
        RuntimeProcess run = runtimes(id).prepareBegun();
        others.process(id).exit(0);
        run.delete();
    }

    /** The container as another user of the runtime has it. */
    private RuntimeContainer runtimes(String id) {
        ForeignContainer found = test.runtime().foreign().orElseThrow().look(id).orElseThrow();
        return test.runtime().recover(found.handle());
    }

    @Test
    void whatRunsAlthoughItsTimelineSaysThatItIsOverIsLeftAlone() throws Exception {
        String id = others.run("web", "exit", "0");
        awaitState(id, ContainerState.EXITED);
        test.machine().script("exit", process -> {
            process.hold();
            return 0;
        });
        others.setTold(false);
        others.start(id);
        runtimes(id).prepareBegun();
        Set<Call> deeds = deeds();
        test.restart();
        assertThat(test.engine().container(id).status().state()).isEqualTo(ContainerState.EXITED);
        assertThat(others.process(id).ended()).isEmpty();
        assertThat(deeds).isEmpty();
    }

    @Test
    void aUsersStartAndWhatIsToldOfItAreOneRun() throws Exception {
        String id = others.run("job", "exit", "0");
        Container job = awaitState(id, ContainerState.EXITED);
        job.start();
        awaitExits(job, 2);
        test.machine().beforeNext(Call.PREPARE, () -> others.start(id)); // they come first
        job.start();
        awaitExits(job, 3);
        others.rename(id, "done"); // which is told after all that was told before
        await().until(() -> job.name().equals("done"));
        assertThat(((EngineContainer) job).journal().fold().exits()).isEqualTo(3);
    }

    @Test
    void aServerThatIsRestartedGoesOnAtTheNextByte() throws Exception {
        Set<Call> deeds = deeds();
        String id = others.run("web", "hold");
        Container before = awaitState(id, ContainerState.RUNNING);
        others.process(id).out("before ");
        await().until(() -> before.process().streamLength(StdStream.STDOUT) == 7);
        test.shutDown();
        others.process(id).out("meanwhile ");
        test.startUp();
        Container web = test.engine().container(id);
        assertThat(web.status().state()).isEqualTo(ContainerState.RUNNING);
        assertThat(web.isForeign()).isTrue();
        assertThat(web.request()).isEqualTo(before.request());
        others.process(id).out("after");
        others.process(id).exit(5);
        assertThat(TestEngine.awaitExit(web).exitCode()).isEqualTo(5);
        assertThat(out(web)).isEqualTo("before meanwhile after");
        assertThat(all(web)).noneMatch(TimelineRecord.Gap.class::isInstance);
        assertThat(deeds).isEmpty();
    }

    @Test
    void whatOthersEndedAndBeganWhileNoServerRanIsTold() throws Exception {
        String id = others.run("web", "hold");
        awaitState(id, ContainerState.RUNNING);
        test.shutDown();
        others.process(id).out("first");
        others.process(id).exit(6);
        others.start(id);
        others.process(id).out(" second");
        test.startUp();
        Container web = test.engine().container(id);
        awaitExits(web, 1);
        awaitState(id, ContainerState.RUNNING);
        others.process(id).exit(0);
        awaitExits(web, 2);
        assertThat(out(web)).isEqualTo("first second");
        assertThat(all(web).stream()
                        .filter(TimelineRecord.Exit.class::isInstance)
                        .map(exit -> ((TimelineRecord.Exit) exit).exitCode()))
                .containsExactly(6, 0);
    }

    @Test
    void whatTheRuntimeLostMeanwhileIsAGap() throws Exception {
        String id = others.run("web", "hold");
        Container before = awaitState(id, ContainerState.RUNNING);
        others.process(id).out("before ");
        await().until(() -> before.process().streamLength(StdStream.STDOUT) == 7);
        test.shutDown();
        others.process(id).out("lost ");
        others.loseOutput(id);
        test.startUp();
        others.process(id).out("after");
        others.process(id).exit(0);
        Container web = test.engine().container(id);
        TestEngine.awaitExit(web);
        assertThat(out(web)).isEqualTo("before after");
        assertThat(all(web))
                .anySatisfy(record -> assertThat(record).isInstanceOfSatisfying(TimelineRecord.Gap.class, gap -> {
                    assertThat(gap.reason()).isEqualTo("lost-at-least");
                    assertThat(gap.stdoutFrom()).isEqualTo(7);
                    assertThat(gap.isMissing(StdStream.STDOUT)).isTrue();
                }));
    }

    @Test
    void whatOthersRemoveKeepsItsHistoryAndGivesItsNameBack() throws Exception {
        Set<Call> deeds = deeds();
        String id = others.run("web", "hold");
        Container web = awaitState(id, ContainerState.RUNNING);
        others.process(id).out("last words");
        others.remove(id);
        awaitState(id, ContainerState.REMOVED);
        assertThat(web.status().exit().exitCode()).isEqualTo(137);
        assertThat(out(web)).isEqualTo("last words");
        assertThat(all(web).getLast())
                .isInstanceOfSatisfying(
                        TimelineRecord.State.class,
                        removed -> assertThat(removed.attributes()).containsEntry("why", "removed by others"));
        assertThat(test.engine().containers(false)).isEmpty();

        String next = others.run("web", "hold");
        assertThat(awaitState(next, ContainerState.RUNNING).name()).isEqualTo("web");
        test.restart();
        Container after = test.engine().container(id);
        assertThat(after.status().state()).isEqualTo(ContainerState.REMOVED);
        assertThat(out(after)).isEqualTo("last words");
        assertThat(deeds).isEmpty();
        test.pass(test.engine().config().retention().plusSeconds(1));
        test.engine().sweep();
        assertThat(isKnown(id)).isFalse();
        assertThat(directory.resolve("data/containers").resolve(id)).doesNotExist();
        assertThat(isKnown(next)).isTrue();
    }

    @Test
    void whatOthersRemoveWhileNoServerRunsEndsAsLostAndRemoved() throws Exception {
        String id = others.run("web", "hold");
        awaitState(id, ContainerState.RUNNING);
        test.shutDown();
        others.remove(id);
        test.startUp();
        Container web = awaitState(id, ContainerState.REMOVED);
        assertThat(web.status().exit().reason()).isEqualTo(ExitReason.LOST);
        assertThat(TestEngine.states(all(web)).getLast()).isEqualTo("removed");
    }

    @Test
    void whatOthersRunIsNeverTouchedUnasked() throws Exception {
        String runs = others.run("runs", "hold");
        String failed = others.run("failed", "exit", "1");
        awaitState(runs, ContainerState.RUNNING);
        Container ended = awaitState(failed, ContainerState.EXITED);
        Set<Call> deeds = deeds();
        assertThat(ended.request().restart()).isEqualTo(RestartPolicy.NO);
        assertThat(test.engine()
                        .pruneContainers(new PruneFilter(null, Map.of()))
                        .ids())
                .isEmpty();
        test.engine().sweep();
        test.restart();
        assertThat(test.engine().container(failed).status().state()).isEqualTo(ContainerState.EXITED);
        assertThat(others.process(runs).ended()).isEmpty();
        assertThat(deeds).isEmpty();
    }

    @Test
    void aUsersCommandsAreDone() throws Exception {
        String id = others.run("web", "hold");
        Container web = awaitState(id, ContainerState.RUNNING);
        web.pause();
        web.resume();
        web.stop(Duration.ofSeconds(10));
        assertThat(web.status().exit().reason()).isEqualTo(ExitReason.STOPPED);
        web.start();
        assertThat(web.status().state()).isEqualTo(ContainerState.RUNNING);
        assertThat(others.process(id).ended()).isEmpty();
        assertThatThrownBy(() -> web.rename("mine"))
                .hasMessageContaining("foreign")
                .extracting("code")
                .isEqualTo(ErrorCode.UNSUPPORTED);
        assertThatThrownBy(() -> web.update(new ContainerUpdate(null, null, null, 512L, null, null, null)))
                .extracting("code")
                .isEqualTo(ErrorCode.UNSUPPORTED);
        web.stop(Duration.ZERO);
        assertThatThrownBy(() -> web.remove(false))
                .hasMessageContaining("by force")
                .extracting("code")
                .isEqualTo(ErrorCode.FAILED_PRECONDITION);
        web.remove(true);
        assertThat(web.status().state()).isEqualTo(ContainerState.REMOVED);
        assertThat(test.machine().containerIds()).isEmpty();
    }

    @Test
    void pausesAndNamesThatOthersGiveAreRecorded() {
        String id = others.run("web", "hold");
        Container web = awaitState(id, ContainerState.RUNNING);
        others.pause(id);
        awaitState(id, ContainerState.PAUSED);
        others.rename(id, "site");
        await().until(() -> web.name().equals("site"));
        others.resume(id);
        awaitState(id, ContainerState.RUNNING);
        assertThat(test.engine().container("site").id()).isEqualTo(id);
        assertThatThrownBy(() -> test.engine().container("web"))
                .extracting("code")
                .isEqualTo(ErrorCode.NOT_FOUND);
        test.restart();
        assertThat(test.engine().container("site").status().state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void whatNobodyTellsIsFoundByTheNextLook() {
        test.close();
        SimulatedTime time = new SimulatedTime();
        open(TestEngine.openToAllIn(time, directory.resolve("simulated")));
        others.setTold(false);
        String id = others.run("web", "hold");
        passUntil(time, id, ContainerState.RUNNING);
        others.pause(id);
        passUntil(time, id, ContainerState.PAUSED);
        others.resume(id);
        passUntil(time, id, ContainerState.RUNNING);
        others.remove(id);
        passUntil(time, id, ContainerState.REMOVED);
    }

    private void passUntil(SimulatedTime time, String id, ContainerState state) {
        await().atMost(TestEngine.LONG).until(() -> {
            time.pass(Duration.ofSeconds(1));
            return isKnown(id) && test.engine().container(id).status().state() == state;
        });
    }

    @Test
    void whatIsNotFollowedAnyMoreEndsAsRemovedAndRunsOn() throws Exception {
        String id = others.run("web", "hold");
        awaitState(id, ContainerState.RUNNING);
        Set<Call> deeds = deeds();
        test.shutDown();
        test.startUp(false);
        Container web = awaitState(id, ContainerState.REMOVED);
        assertThat(all(web).getLast())
                .isInstanceOfSatisfying(
                        TimelineRecord.State.class,
                        removed ->
                                assertThat(removed.attributes()).containsEntry("why", "it is not followed any more"));
        test.shutDown();
        test.startUp(true);
        assertThat(test.engine().container(id).status().state()).isEqualTo(ContainerState.REMOVED);
        test.pass(test.engine().config().retention().plusSeconds(1));
        test.engine().sweep();
        others.rename(id, "site");
        assertThat(awaitState(id, ContainerState.RUNNING).name()).isEqualTo("site");
        assertThat(others.process(id).ended()).isEmpty();
        assertThat(deeds).isEmpty();
    }

    @Test
    void aRunThatCouldNotBeTakenOverIsTakenOverLater() throws Exception {
        Set<Call> deeds = deeds();
        test.machine().failNext(Call.PREPARE, Code.UNAVAILABLE);
        String id = others.run("web", "hold");
        await().atMost(TestEngine.LONG).until(() -> isKnown(id));
        others.rename(id, "site"); // which is a moment to look again
        Container web = awaitState(id, ContainerState.RUNNING);
        assertThat(TestEngine.states(all(web))).containsSubsequence("Exit START_FAILED", "starting", "running");
        assertThat(deeds).isEmpty();
    }

    @Test
    void oneTooManyIsAProblemUntilItIsGone() {
        test.close();
        open(TestEngine.openToAll(
                directory.resolve("small"),
                config -> new EngineConfig(
                        config.dataDirectory(),
                        config.retention(),
                        config.stopGrace(),
                        config.drainTimeout(),
                        config.timelineBytesMax(),
                        config.segmentBytesMax(),
                        config.onFullDisk(),
                        config.fsync(),
                        1,
                        config.execsPerContainerMax(),
                        config.feedRecordsMax(),
                        config.sampling())));
        awaitState(others.run("first", "hold"), ContainerState.RUNNING);
        String second = others.run("second", "hold");
        await().until(() -> !test.engine().problems().isEmpty());
        assertThat(test.engine().problems())
                .singleElement()
                .asString()
                .contains(second, "container second is not followed", "at most 1");
        others.remove(second);
        await().until(() -> test.engine().problems().isEmpty());
        assertThat(isKnown(second)).isFalse();
    }

    @Test
    void anExecInWhatOthersRunIsAsInOwnOnes() throws Exception {
        String id = others.run("web", "hold");
        Container web = awaitState(id, ContainerState.RUNNING);
        Exec exec = web.exec(TestEngine.newExec("job", "both", "one", "two", "7"));
        List<TimelineRecord> records = TestEngine.records(exec);
        assertThat(new String(TestEngine.bytes(records, StdStream.STDOUT), StandardCharsets.UTF_8))
                .isEqualTo("one");
        assertThat(exec.status().exit().exitCode()).isEqualTo(7);
        others.remove(id);
        awaitState(id, ContainerState.REMOVED);
        assertThat(web.exec("job").status().exit().exitCode()).isEqualTo(7);
    }
}
