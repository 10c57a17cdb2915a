package io.tailrace.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.log.Disk;
import io.tailrace.log.OutputPipe;
import io.tailrace.log.RecordInDoubtException;
import io.tailrace.log.StdStream;
import io.tailrace.log.Timeline;
import io.tailrace.log.TimelineClosedException;
import io.tailrace.log.TimelineConfig;
import io.tailrace.log.TimelineFullException;
import io.tailrace.log.TimelineRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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

    /** Room for the records of a life's end, its removal, and what was dropped, some pauses and resumes beside. */
    private static final long RESERVE_BYTES = 32 << 10;

    private final EngineContext context;
    private final String containerId;
    private final String execId;
    private final CurrentFold fold;
    private final Timeline timeline;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Set while something must not begin, such as a start during a removal; its text says what goes on. */
    @GuardedBy("lock") private @Nullable String claim;

    @GuardedBy("lock") private boolean isClosed;

    private final AtomicInteger restarts = new AtomicInteger();

    private Journal(EngineContext context, String containerId, String execId, CurrentFold fold, Timeline timeline) {
        this.context = context;
        this.containerId = containerId;
        this.execId = execId;
        this.fold = fold;
        this.timeline = timeline;
    }

    /** A new timeline, with nothing in it. @param execId empty for the container's own */
    static Journal create(EngineContext context, String containerId, String execId) {
        CurrentFold fold = new CurrentFold();
        Path directory = directory(context, containerId, execId);
        boolean isNew = !Files.exists(directory.getParent());
        try {
            context.data().makeTimeline(directory);
            Timeline timeline = Timeline.create(directory, config(context, fold));
            return new Journal(context, containerId, execId, fold, timeline);
        } catch (IOException e) {
            EngineException failure = failure(e);
            if (isNew) {
                context.data().deleteAfter(failure, containerId, execId);
            }
            throw failure;
        }
    }

    /** A timeline that is there, and its fold. */
    static Journal open(EngineContext context, String containerId, String execId) {
        CurrentFold fold = new CurrentFold();
        Path directory = directory(context, containerId, execId);
        try {
            // Its making may have been cut short before there was one: then it is as one without records.
            Disk.makeDirectories(directory, false);
            Timeline timeline = Timeline.open(directory, config(context, fold));
            return refolded(new Journal(context, containerId, execId, fold, timeline));
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private static Journal refolded(Journal journal) throws IOException {
        try {
            String recovered = journal.timeline.recovery().detail();
            if (!recovered.isEmpty()) {
                log.warn("{}: recovered: {}", journal.timelineId(), recovered);
            }
            journal.refold();
            if (journal.isOverForGood()) {
                journal.releaseReserve();
            }
            return journal;
        } catch (IOException | RuntimeException | Error e) {
            journal.closeAfter(e);
            throw e;
        }
    }

    private static Path directory(EngineContext context, String containerId, String execId) {
        return execId.isEmpty()
                ? context.data().containerTimeline(containerId)
                : context.data().execTimeline(containerId, execId);
    }

    private static TimelineConfig config(EngineContext context, CurrentFold fold) {
        EngineConfig config = context.config();
        return new TimelineConfig(
                config.segmentBytesMax(),
                config.timelineBytesMax(),
                Duration.ZERO,
                RESERVE_BYTES,
                config.fsync(),
                context.clock(),
                () -> Json.writeBytes(fold.current));
    }

    private void refold() throws IOException {
        byte[] checkpoint = timeline.checkpoint();
        fold.current = checkpoint.length == 0 ? Fold.EMPTY : Fold.read(checkpoint);
        timeline.forEachNonOutput(timeline.checkpointSequence(), record -> fold.current = fold.current.apply(record));
    }

    private void releaseReserve() {
        try {
            timeline.releaseReserve();
        } catch (IOException e) {
            log.warn("{}: room in reserve is not given back before its timeline is deleted", timelineId(), e);
        }
    }

    /** Whether its making was cut short. @throws EngineException INTERNAL if it has no begin because it is damaged */
    boolean isUnmade() {
        if (fold().isMade()) {
            return false;
        }
        String detail = timeline.recovery().detail();
        if (timeline.recovery().isDamaged()) {
            throw new EngineException(ErrorCode.INTERNAL, "it is damaged: " + detail);
        }
        if (timeline.lastSequence() > 0 || timeline.isGapDue()) {
            // Found by an earlier server, or by an earlier try of this one.
            throw new EngineException(ErrorCode.INTERNAL, "it is damaged: the record of its making is gone " + detail);
        }
        return true;
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

    Timeline timeline() {
        return timeline;
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
            throw failure(e);
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
        lock.lock();
        try {
            if (!fold().state().canBecome(next)) {
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
            throw failure(e);
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
            if (fold().exitFeed() == 0) {
                // An Exit record has no attributes: its feed sequence stands in a State record right before it.
                append(ContainerState.EXITED, Map.of());
            }
            TimelineRecord.Exit exit =
                    timeline.appendExit(ending.reason(), ending.exitCode(), ending.signal(), ending.message());
            advance(exit);
            if (!execId.isEmpty()) {
                releaseReserve(); // it runs only once
            }
        } catch (IOException e) {
            throw failure(e);
        } finally {
            lock.unlock();
        }
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
            throw failure(e);
        } catch (IOException e) {
            throw failure(e);
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
        return new FeedRecord(
                entry.feed(),
                containerId,
                fold().made().getOrDefault("name", ""),
                execId,
                entry.event(),
                entry.record());
    }

    void appendOutput(StdStream stream, ByteBuffer data) throws IOException {
        lock.lock();
        try {
            timeline.appendOutput(stream, data);
        } finally {
            lock.unlock();
        }
    }

    int appendFrom(StdStream stream, OutputPipe pipe) throws IOException {
        lock.lock();
        try {
            return timeline.appendFrom(stream, pipe);
        } finally {
            lock.unlock();
        }
    }

    int dropFrom(StdStream stream, OutputPipe pipe) throws IOException {
        lock.lock();
        try {
            return timeline.dropFrom(stream, pipe);
        } finally {
            lock.unlock();
        }
    }

    void drop(StdStream stream, long bytes) throws IOException {
        lock.lock();
        try {
            timeline.drop(stream, bytes);
        } finally {
            lock.unlock();
        }
    }

    /** Has a Gap say what was dropped, if there is room for output again. */
    void tellDropped() throws IOException {
        lock.lock();
        try {
            timeline.tellDropped();
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

    /** Whether the coming Exit, or the last one, is not the end because a restart goes on. */
    boolean isStartingAgain() {
        return restarts.get() > 0;
    }

    /** A restart begins; there may be several at once. */
    void beginRestart() {
        restarts.incrementAndGet();
    }

    void endRestart() {
        restarts.decrementAndGet();
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

    /** A failed append as the engine's failure. */
    static EngineException failure(IOException e) {
        if (e instanceof TimelineFullException) {
            return new EngineException(ErrorCode.RESOURCE_EXHAUSTED, "the disk is full: " + e.getMessage(), e);
        }
        if (OutOfFiles.is(e)) {
            return new EngineException(
                    ErrorCode.RESOURCE_EXHAUSTED, "a timeline cannot be written: " + e.getMessage(), e);
        }
        if (e instanceof TimelineClosedException) {
            return new EngineException(ErrorCode.UNAVAILABLE, "the server is closing", e);
        }
        return new EngineException(ErrorCode.INTERNAL, "a timeline cannot be written: " + e, e);
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
            throw failure(e);
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

    /** Where the timeline finds the fold when it asks for a checkpoint. Written under the journal's lock. */
    private static final class CurrentFold {
        private volatile Fold current = Fold.EMPTY;
    }
}
