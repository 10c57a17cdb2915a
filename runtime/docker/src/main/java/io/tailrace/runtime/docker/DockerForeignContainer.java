package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.ArchiveSink;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment;
import io.tailrace.runtime.spi.Endpoints;
import io.tailrace.runtime.spi.FileChange;
import io.tailrace.runtime.spi.Listener;
import io.tailrace.runtime.spi.PathStatus;
import io.tailrace.runtime.spi.ProcessEntry;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.ResourceUsage;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A container of the engine that others made. Whatever is asked about it, or is done to its files and execs, is as for one of
 * our own; its runs are others' as well as ours. Thread-safe; its lock is held while a run is handed over.
 */
final class DockerForeignContainer implements RuntimeContainer {
    private static final Logger LOGGER = LoggerFactory.getLogger(DockerForeignContainer.class);
    private static final String LAST_FILE = "last.json";
    private static final String NEVER = "0001-01-01";
    private static final long YOUNG_NANOS = 5_000_000_000L;

    private final Services services;
    private final Place place;
    private final ContainerFiles files;
    private final DockerContainer plain;
    private final Instant watchedSince;
    private final Runnable removed;

    /** Guarded by this. */
    private @Nullable ForeignRun run;

    /** Whether the engine no longer has it. Guarded by this. */
    private boolean isGone;

    /** What could not be written yet, as on a full disk. Guarded by this. */
    private @Nullable Last unwritten;

    /**
     * One that is there.
     *
     * @param watchedSince the engine's time from which on its events are heard
     * @param removed told once it is removed here
     */
    DockerForeignContainer(Services services, Place place, Instant watchedSince, Runnable removed) {
        this.services = services;
        this.place = place;
        this.watchedSince = watchedSince;
        this.removed = removed;
        files = ContainerFiles.of(services.dataDirectory(), place);
        plain = new DockerContainer(services, place, null, () -> {});
    }

    /**
     * The latest run that was deleted.
     *
     * @param untilNanos where it ends in the engine's log; {@link Long#MAX_VALUE} if that is not known
     */
    private record Last(String startedAt, long untilNanos) {}

    private Optional<Last> last() {
        if (unwritten != null) {
            writeLast(unwritten);
        }
        return unwritten != null
                ? Optional.of(unwritten)
                : files.read(LAST_FILE)
                        .map(json -> new Last(
                                json.path("startedAt").asText(),
                                json.path("until").asLong()));
    }

    /** Finds the run that an earlier server was handed, if there is one. */
    synchronized void recoverRun(ContainerView view) {
        // While nobody read it, a log that is rotated may have lost what was not read.
        boolean isRotating = ForeignLog.of(services, place, view).isRotating();
        ForeignRun.Begin.read(files)
                .map(begin -> isRotating ? begin.inDoubt() : begin)
                .ifPresent(begin -> run = run(view, begin).watched());
    }

    private ForeignRun run(ContainerView view, ForeignRun.Begin begin) {
        return new ForeignRun(services, place, view, files, begin, this::forget);
    }

    private synchronized void forget(long untilNanos) {
        ForeignRun over = run;
        run = null;
        if (isGone) {
            forgetAll();
        } else if (over != null && !over.startedAt().isEmpty()) {
            writeLast(new Last(over.startedAt(), untilNanos));
        }
    }

    private void writeLast(Last last) {
        unwritten = last;
        try {
            files.write(LAST_FILE, Map.of("startedAt", last.startedAt(), "until", last.untilNanos()));
            unwritten = null;
        } catch (ContainerRuntimeException e) {
            LOGGER.warn(
                    "{}: which run was the last is not noted, so the next server may take it up once more", place, e);
        }
    }

    /** Whether there is a run that was not handed over, that goes on or that began since events are heard. */
    synchronized boolean hasNewRun(ContainerView view) {
        String startedAt = view.startedAt();
        if (startedAt.startsWith(NEVER)) {
            return false;
        }
        ForeignRun known = run;
        if (known != null) {
            return !known.startedAt().equals(startedAt) && !known.startedAt().isEmpty();
        }
        Optional<Last> last = last();
        if (last.isPresent()) {
            return !last.get().startedAt().equals(startedAt);
        }
        return ForeignRun.status(view) != RuntimeProcess.Status.EXITED
                || ContainerView.instant(startedAt).isAfter(watchedSince);
    }

    @Override
    public String handle() {
        return place.handle();
    }

    @Override
    public synchronized RuntimeProcess prepareBegun() {
        ContainerView view = Containers.find(services.client(), place).orElseThrow(() -> Place.absent(place));
        boolean isInDoubt = leaveUnheld();
        if (!hasNewRun(view)) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION, "%s: no run of it has begun (expected: one)".formatted(place));
        }
        ForeignRun.Begin begin = begun(view);
        return prepared(view, isInDoubt ? begin.inDoubt() : begin);
    }

    /**
     * Lets go of a run that nobody holds, as is said by who asks for one: it could not be deleted, or the records that it was
     * handed over are lost.
     *
     * @return whether it may be the one that goes on
     */
    private boolean leaveUnheld() {
        ForeignRun unheld = run;
        if (unheld == null) {
            return false;
        }
        unheld.detach();
        run = null;
        if (unheld.exit().isDone() && !unheld.startedAt().isEmpty()) {
            writeLast(new Last(unheld.startedAt(), unheld.untilNanos()));
            return false;
        }
        return true;
    }

    @Override
    public synchronized RuntimeProcess prepare() {
        if (run != null) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION, "%s: it has an init process already".formatted(place));
        }
        ContainerView view = Containers.find(services.client(), place).orElseThrow(() -> Place.absent(place));
        return prepared(view, hasNewRun(view) ? begun(view) : toBegin(view));
    }

    private RuntimeProcess prepared(ContainerView view, ForeignRun.Begin begin) {
        begin.write(files);
        ForeignRun prepared = run(view, begin);
        run = prepared;
        try {
            return prepared.watched();
        } catch (RuntimeException e) {
            prepared.detach();
            run = null;
            throw e;
        }
    }

    private ForeignRun.Begin toBegin(ContainerView view) {
        boolean isFirst = view.startedAt().startsWith(NEVER);
        long since = isFirst ? 0 : ForeignLog.now(services.client());
        return new ForeignRun.Begin("", view.startedAt(), since, true);
    }

    /** Where the run that others have begun stands in the log. */
    private ForeignRun.Begin begun(ContainerView view) {
        Optional<Last> last = last();
        String startedAt = view.startedAt();
        boolean isRotating = ForeignLog.of(services, place, view).isRotating();
        if (last.isPresent()) {
            long until = last.get().untilNanos();
            long since = until == Long.MAX_VALUE ? ForeignRun.between(view) + 1 : until + 1;
            boolean isWhole = !isRotating || isYoung(startedAt);
            return new ForeignRun.Begin(startedAt, last.get().startedAt(), since, isWhole);
        }
        Instant created = ContainerView.instant(view.spec().path("Created").asText());
        boolean isFirst = view.isUp() && view.finishedAt().isBefore(created);
        if (created.isAfter(watchedSince)) {
            return new ForeignRun.Begin(startedAt, "", 0, !isRotating || isYoung(startedAt));
        }
        return isFirst
                ? new ForeignRun.Begin(startedAt, "", 0, !isRotating)
                : new ForeignRun.Begin(startedAt, "", ForeignRun.between(view) + 1, false);
    }

    /** Whether no log can have been rotated since then, by all that is usual. */
    private boolean isYoung(String startedAt) {
        long begin = LogMessages.nanos(ContainerView.instant(startedAt));
        return ForeignLog.now(services.client()) - begin < YOUNG_NANOS;
    }

    @Override
    public synchronized Optional<RuntimeProcess> process() {
        return Optional.ofNullable(run);
    }

    @Override
    public RuntimeProcess prepareExec(String execId, ProcessSpec spec) {
        return plain.prepareExec(execId, spec);
    }

    @Override
    public Optional<RuntimeProcess> recoverExec(String execId) {
        return plain.recoverExec(execId);
    }

    @Override
    public Endpoints endpoints() {
        return plain.endpoints();
    }

    @Override
    public ByteChannel connect(Listener listener, Duration timeout) throws IOException {
        return plain.connect(listener, timeout);
    }

    @Override
    public void pause() {
        plain.pause();
    }

    @Override
    public void resume() {
        plain.resume();
    }

    @Override
    public void update(Limits limits) {
        throw refused("its limits");
    }

    @Override
    public void updateNames(List<NetworkAttachment> networks) {
        throw refused("its names");
    }

    private ContainerRuntimeException refused(String what) {
        return new ContainerRuntimeException(
                Code.UNSUPPORTED, "%s: %s (expected: one that was made here)".formatted(place, what));
    }

    @Override
    public ResourceUsage usage() {
        return plain.usage();
    }

    @Override
    public PathStatus stat(String path) {
        return plain.stat(path);
    }

    @Override
    public void readFiles(String path, ArchiveSink sink) {
        plain.readFiles(path, sink);
    }

    @Override
    public void writeFiles(String directory, InputStream archive, boolean mayReplace) {
        plain.writeFiles(directory, archive, mayReplace);
    }

    @Override
    public List<ProcessEntry> processes() {
        return plain.processes();
    }

    @Override
    public List<FileChange> changes() {
        return plain.changes();
    }

    @Override
    public long writtenBytes() {
        return plain.writtenBytes();
    }

    /** Removes it from the engine, but none of its volumes. */
    @Override
    public synchronized void remove() {
        if (run != null) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION, "remove %s: it has an init process (expected: deleted)".formatted(place));
        }
        plain.detach();
        Answer answer = services.client().delete(place.path("?force=true"));
        if (answer.status() != Answer.NOT_FOUND && !answer.isDone()) {
            throw answer.failure("remove " + place);
        }
        forgetAll();
    }

    /** For one that is gone; one whose run was not deleted yet is forgotten later. */
    synchronized void forgetAll() {
        isGone = true;
        if (run == null) {
            files.remove();
            removed.run();
        }
    }

    /** For a runtime that is closed: what runs goes on. */
    synchronized void detach() {
        if (run != null) {
            run.detach();
        }
        plain.detach();
    }
}
