package io.tailrace.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.log.RecordInDoubtException;
import io.tailrace.log.StdStream;
import io.tailrace.log.Timeline;
import io.tailrace.log.TimelineRecord;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A timeline, the fold of it, and the only way to append to it.
 *
 * <p>An append and the change of the fold that it means are one step under one lock, for output as well. That is what
 * makes the checkpoint right: whichever append begins a new segment, the fold is then exactly that of the records
 * before. It costs output one lock more, which it meets only when the other stream of the same process or a rare
 * lifecycle record is being written.
 *
 * <p>Thread-safe. Reading the fold takes no lock.
 */
final class Journal implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Journal.class);
    /** A longer wait is this long: far below what overflows a count of nanoseconds. */
    private static final long WAIT_NANOS_MAX = TimeUnit.DAYS.toNanos(36_500);

    private final EngineContext context;
    private final String containerId;
    private final String execId;
    private final Journals.CurrentFold fold;
    private final Timeline timeline;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Set while something must not begin, such as a start during a removal; its text says what goes on. */
    @GuardedBy("lock") private @Nullable String claim;

    @GuardedBy("lock") private boolean isClosed;

    private final Restarts restarts = new Restarts();

    Journal(EngineContext context, String containerId, String execId, Journals.CurrentFold fold, Timeline timeline) {
        this.context = context;
        this.containerId = containerId;
        this.execId = execId;
        this.fold = fold;
        this.timeline = timeline;
    }

    /** To be called once it was opened. */
    void opened() {
        if (isOverForGood()) {
            releaseReserve();
        }
    }

    private void releaseReserve() {
        try {
            timeline.releaseReserve();
        } catch (IOException e) {
            log.warn("{}: room in reserve is not given back before its timeline is deleted", timelineId(), e);
        }
    }

    /** Whether no record can come any more. */
    private boolean isOverForGood() {
        ContainerState state = fold().state();
        return state == ContainerState.REMOVED || (!execId.isEmpty() && state.isDone());
    }

    Fold fold() {
        return fold.current;
    }

    /** The fold after every append that has returned to its reader: takes the lock, so none is half done. */
    Fold settledFold() {
        lock.lock();
        try {
            return fold.current;
        } finally {
            lock.unlock();
        }
    }

    Restarts restarts() {
        return restarts;
    }

    Timeline timeline() {
        return timeline;
    }

    Clock clock() {
        return context.clock();
    }

    String timelineId() {
        return execId.isEmpty() ? containerId : containerId + "/" + execId;
    }

    /** What it is called in messages. */
    String title() {
        String container = "container " + containerId.substring(0, 12);
        return execId.isEmpty() ? container : "exec " + execId + " of " + container;
    }

    /** Records that it exists. */
    void made(Map<String, String> attributes) {
        lock.lock();
        try {
            timeline.reserve();
            append(ContainerState.CREATED, attributes);
        } catch (IOException e) {
            throw TimelineFailure.inWriting(e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Enters another state, if that is legal and nothing has claimed it.
     *
     * @throws EngineException FAILED_PRECONDITION with the state and its history
     */
    void become(ContainerState next, Map<String, String> attributes) {
        become(next, attributes, fold -> true);
    }

    /** As {@link #become(ContainerState, Map)}. @param condition what else the fold must be like for it to be legal */
    void become(ContainerState next, Map<String, String> attributes, Predicate<Fold> condition) {
        lock.lock();
        try {
            if (!fold().state().canBecome(next) || !condition.test(fold())) {
                throw illegal(next.word());
            }
            if (next == ContainerState.STARTING && claim != null) {
                throw new EngineException(
                        ErrorCode.FAILED_PRECONDITION, "%s: %s is going on".formatted(title(), claim));
            }
            if (next == ContainerState.STARTING) {
                timeline.reserve(); // what is begun can then be ended, too
            }
            append(next, attributes);
            if (next == ContainerState.REMOVED) {
                releaseReserve();
            }
        } catch (IOException e) {
            throw TimelineFailure.inWriting(e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Records that something else than the state has changed.
     *
     * @param event what, in the feed's words
     * @param attributes how; they are laid over those it was made with
     * @throws EngineException FAILED_PRECONDITION if it was removed
     */
    void amend(String event, Map<String, String> attributes) {
        if (!amend(fold -> fold.state() != ContainerState.REMOVED, event, attributes)) {
            throw illegal(event);
        }
    }

    /**
     * Records that something else than the state has changed, if the fold is as the change supposes.
     *
     * @return whether it was
     * @throws EngineException RESOURCE_EXHAUSTED on a full disk, whose room in reserve is for states and ends
     */
    boolean amend(Predicate<Fold> condition, String event, Map<String, String> attributes) {
        lock.lock();
        try {
            if (!condition.test(fold())) {
                return false;
            }
            timeline.reserve();
            Map<String, String> all = new HashMap<>(attributes);
            all.put(LifecycleEntry.EVENT, event);
            append(fold().state(), all);
            return true;
        } catch (IOException e) {
            throw TimelineFailure.inWriting(e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Records what a probe has found, and the change of status if there is one. Does nothing if that run does not run now.
     *
     * @param exits how many runs had ended when it was probed
     * @throws EngineException RESOURCE_EXHAUSTED if there is no room; then nothing has changed, or the change is told later
     */
    void health(ProbeResult result, long durationNanos, HealthPolicy policy, long exits) {
        lock.lock();
        try {
            Fold before = fold();
            if (before.state() != ContainerState.RUNNING || before.exits() != exits) {
                return;
            }
            long sinceStart = Fold.nanos(context.clock().instant())
                    - durationNanos
                    - before.run().startedAtNanos();
            HealthStatus.Status status = before.health()
                    .statusAfter(result.exitCode(), policy.isInStartPeriod(sinceStart), policy.retries());
            advance(timeline.appendHealth(status.word(), result.exitCode(), durationNanos, result.output()));
            tellHealth();
        } catch (IOException e) {
            throw TimelineFailure.inWriting(e);
        } finally {
            lock.unlock();
        }
    }

    /** Tells the feed of the health status, if it does not know it; an earlier server may not have come to it. */
    void tellHealth() {
        lock.lock();
        try {
            Fold now = fold();
            String status = now.health().status().word();
            String told = now.made().getOrDefault(LifecycleEntry.HEALTH, HealthStatus.Status.STARTING.word());
            if (!told.equals(status)) {
                amend(
                        LifecycleEntry.HEALTH,
                        Map.of(
                                LifecycleEntry.HEALTH,
                                status,
                                LifecycleEntry.FAILING_STREAK,
                                Integer.toString(now.health().failingStreak())));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Records the end of a run; its last record, after all output. Safe to repeat after a failure. */
    void exit(Ending ending) {
        lock.lock();
        try {
            if (!fold().state().canBecome(ContainerState.EXITED)) {
                throw illegal(ContainerState.EXITED.word());
            }
            if (fold().run().exitFeed() == 0) {
                // An Exit record has no attributes: they stand in a State record right before it.
                RestartPolicy.Restart restart = policy().after(fold(), ending);
                append(
                        restart == null ? ContainerState.EXITED : ContainerState.RESTARTING,
                        restart == null ? Map.of() : restart.attributes());
            }
            TimelineRecord.Exit exit =
                    timeline.appendExit(ending.reason(), ending.exitCode(), ending.signal(), ending.message());
            advance(exit);
            if (!execId.isEmpty()) {
                releaseReserve(); // it runs only once
            }
        } catch (IOException e) {
            throw TimelineFailure.inWriting(e);
        } finally {
            lock.unlock();
        }
    }

    private RestartPolicy policy() {
        return RestartPolicy.parse(fold().made().getOrDefault(LifecycleEntry.RESTART, ""));
    }

    @GuardedBy("lock") private void append(ContainerState state, Map<String, String> attributes) {
        long feed = context.feed().reserve();
        boolean isPending = true;
        try {
            Map<String, String> all = new HashMap<>(attributes);
            all.put(Fold.FEED, Long.toString(feed));
            TimelineRecord.State recorded = timeline.appendState(state.word(), all);
            isPending = false;
            advance(recorded);
        } catch (RecordInDoubtException e) {
            isPending = false;
            context.feed().giveUpInDoubt(feed);
            throw TimelineFailure.inWriting(e);
        } catch (IOException e) {
            throw TimelineFailure.inWriting(e);
        } finally {
            if (isPending) {
                context.feed().giveUp(feed);
            }
        }
    }

    @GuardedBy("lock") private void advance(TimelineRecord record) {
        Fold before = fold.current;
        Fold after = before.apply(record);
        fold.current = after;
        changed.signalAll();
        if (after.toldFeed() > before.toldFeed()) {
            context.feed().publish(feedRecord(after.history().getLast()));
        }
    }

    FeedRecord feedRecord(LifecycleEntry entry) {
        return new FeedRecord(entry.feed(), containerId, fold().nameAt(entry), execId, entry.event(), entry.record());
    }

    /** A step of recording output, or of dropping it. */
    @FunctionalInterface
    interface OutputStep<T> {
        T run(Timeline timeline) throws IOException;
    }

    /** Makes a step under the lock, so that the fold is right should it begin a new segment. */
    <T> T record(OutputStep<T> step) throws IOException {
        lock.lock();
        try {
            return step.run(timeline);
        } finally {
            lock.unlock();
        }
    }

    /** Records that bytes of a stream are missing, and that nobody knows how many. */
    void lost(StdStream stream) throws IOException {
        lock.lock();
        try {
            timeline.appendGap("lost-at-least", stream, 0);
        } finally {
            lock.unlock();
        }
    }

    /** Keeps starts away until {@link #release}. False if something else has claimed it, or if a process is there. */
    boolean claim(String what) {
        lock.lock();
        try {
            ContainerState state = fold().state();
            if (claim != null || !(state.isDone() || state == ContainerState.CREATED)) {
                return false;
            }
            claim = what;
            return true;
        } finally {
            lock.unlock();
        }
    }

    void release() {
        lock.lock();
        try {
            claim = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether its timeline was deleted or the engine is closed. */
    boolean isClosed() {
        lock.lock();
        try {
            return isClosed;
        } finally {
            lock.unlock();
        }
    }

    boolean isClaimed() {
        lock.lock();
        try {
            return claim != null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the fold is as wanted.
     *
     * @param timeout null: until then or until the engine closes
     * @return whether it is
     * @throws EngineException UNAVAILABLE if the engine closes
     */
    boolean await(Predicate<Fold> condition, @Nullable Duration timeout) throws InterruptedException {
        Time time = context.time();
        long deadlineNanos =
                time.nanos() + (timeout == null ? 0 : Math.min(WAIT_NANOS_MAX, TimeUnit.NANOSECONDS.convert(timeout)));
        lock.lockInterruptibly();
        try {
            while (!condition.test(fold())) {
                if (isClosed) {
                    throw new EngineException(ErrorCode.UNAVAILABLE, "%s: the server is closing".formatted(title()));
                }
                if (timeout == null) {
                    changed.await();
                    continue;
                }
                long remainingNanos = deadlineNanos - time.nanos();
                if (remainingNanos <= 0) {
                    return false;
                }
                time.await(changed, remainingNanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The failure of a request that the state does not allow. */
    EngineException illegal(String wanted) {
        Fold now = fold();
        return new EngineException(
                ErrorCode.FAILED_PRECONDITION,
                "%s is %s, which does not allow: %s. History: %s"
                        .formatted(title(), now.state().word(), wanted, now.historyText()));
    }

    /** Ends appending, reading and waiting. */
    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            timeline.close();
        } catch (IOException e) {
            throw TimelineFailure.inWriting(e);
        }
    }

    /** Ends everything; what a failing disk does not let end in order is put right when it is opened the next time. */
    void closeAnyway() {
        try {
            close();
        } catch (EngineException e) {
            log.warn("{} was not closed in order", timelineId(), e);
        }
    }

    /** Ends everything because of a failure, which stays the one that counts. */
    void closeAfter(Throwable failure) {
        try {
            close();
        } catch (EngineException e) {
            failure.addSuppressed(e);
        }
    }
}
