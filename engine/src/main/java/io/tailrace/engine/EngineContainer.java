package io.tailrace.engine;

import io.tailrace.log.ExitReason;
import io.tailrace.runtime.spi.ArchiveSink;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.Endpoints;
import io.tailrace.runtime.spi.FileChange;
import io.tailrace.runtime.spi.PathStatus;
import io.tailrace.runtime.spi.ProcessEntry;
import io.tailrace.runtime.spi.RuntimeContainer;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A container, folded from its timeline, and the policies about it: stopping with grace, time-outs, automatic removal.
 *
 * <p>Thread-safe without a lock of its own: two commands at once are told apart by the state that only one of them can
 * enter, so no lock is held while the runtime works.
 */
final class EngineContainer implements Container {
    private final EngineContext context;
    private final String id;
    private final Journal journal;
    private final Terms.Reader terms;
    private final EngineProcess process;
    private final Execs execs;
    private final Restarter restarter;
    private final Freezing freezing;
    private final Starting starting;
    private final Stopping stopping;
    private final UsageWatch watch;
    private final Amendments amendments;
    private final Contents contents;
    private final Removal removal;
    private final HealthMonitor health;
    private final RunLimits limits;

    /** Null where the runtime no longer has it. */
    private volatile @Nullable RuntimeContainer runtimeContainer;

    /** A container whose {@code created} record is in its journal. @param registry to be told of its name */
    EngineContainer(
            EngineContext context,
            String id,
            Journal journal,
            @Nullable RuntimeContainer runtimeContainer,
            Registry registry) {
        this.context = context;
        this.id = id;
        this.journal = journal;
        this.runtimeContainer = runtimeContainer;
        terms = new Terms.Reader(journal, id);
        freezing = new Freezing(journal, this::inRuntime);
        process = new EngineProcess(context, journal, onFullDisk(), this::ended, freezing::thaw);
        restarter = new Restarter(context, this);
        starting = new Starting(context, this, this::inRuntime);
        stopping = new Stopping(context, process, restarter, freezing::thaw);
        limits = new RunLimits(context, name(), request(), process, why -> stop(null, ExitReason.TIMED_OUT, why));
        amendments = new Amendments(context, this, registry, restarter, this::inRuntime);
        execs = new Execs(context, this);
        contents = new Contents(this, this::inRuntime);
        watch = new UsageWatch(journal, context.config().sampling().samplesMax());
        health = new HealthMonitor(context, this, journal.fold().healthPolicy());
        removal = new Removal(context, this, stopping, () -> {
            this.runtimeContainer = null;
            watch.forget();
            registry.free(name(), id);
        });
    }

    Journal journal() {
        return journal;
    }

    Execs openExecs() {
        return execs;
    }

    OnFullDisk onFullDisk() {
        OnFullDisk own = request().onFullDisk();
        return own == null ? context.config().onFullDisk() : own;
    }

    /** How long its timelines stay after its removal, and its execs' after their end. */
    Duration retention() {
        Duration own = request().retention();
        return own == null ? context.config().retention() : own;
    }

    long timelineBytesMax() {
        return request().timelineBytesMax();
    }

    String handle() {
        return journal.fold().made().getOrDefault(LifecycleEntry.HANDLE, "");
    }

    /** Goes on with what an earlier server left. @param found empty if the runtime no longer has it */
    void adopt(Optional<RuntimeContainer> found) {
        runtimeContainer = found.orElse(null);
        execs.adopt(found);
        tellNames();
        process.adopt(found.flatMap(RuntimeContainer::process));
        ContainerState state = journal.fold().state();
        if (state == ContainerState.EXITED || state == ContainerState.RESTARTING) {
            context.background().run("the end of " + name(), this::ended);
        } else if (state.isUp()) {
            limits.begin(true);
            health.begin();
        }
        if (starting.isDueWithTheServer()) {
            context.background().run("the start of " + name(), this::start);
        }
    }

    /** Has the others in its networks find it by the name that it has now. Done already: nothing. */
    void tellNames() {
        RuntimeContainer present = runtimeContainer;
        if (present == null || spec().networks().isEmpty()) {
            return;
        }
        try {
            present.updateNames(ContainerNames.renamed(this));
            context.problems().clear(id, Problems.Kind.UNNAMED);
        } catch (ContainerRuntimeException e) {
            context.problems()
                    .report(id, Problems.Kind.UNNAMED, "others do not find it by its new name: " + e.getMessage());
        }
    }

    /** Tries again what could not be done for its execs when it was adopted. */
    void retryExecs() {
        execs.retry(runtimeContainer());
    }

    /** What the runtime has of it. */
    Optional<RuntimeContainer> runtimeContainer() {
        return Optional.ofNullable(runtimeContainer);
    }

    private RuntimeContainer inRuntime() {
        RuntimeContainer present = runtimeContainer;
        if (present == null) {
            throw new EngineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "%s: the runtime no longer has it. History: %s"
                            .formatted(journal.title(), journal.fold().historyText()));
        }
        return present;
    }

    @Override
    public void start() {
        start(fold -> true);
    }

    /** As {@link #start()}. @param condition that must still hold when the start is recorded; else FAILED_PRECONDITION */
    void start(Predicate<Fold> condition) {
        starting.start(condition);
        limits.begin(false);
        health.begin();
    }

    /** Records the run that others have begun, as a start. Begins none: FAILED_PRECONDITION if there is none. */
    void takeOver() {
        starting.takeOver();
    }

    @Override
    public void stop(@Nullable Duration grace) {
        Checks.notNegative("grace", grace);
        stop(grace, ExitReason.STOPPED, "");
    }

    private void stop(@Nullable Duration grace, ExitReason reason, String message) {
        Duration own = request().stopGrace();
        stopping.stop(
                grace != null ? grace : own != null ? own : context.config().stopGrace(), reason, message);
    }

    @Override
    public void restart(@Nullable Duration grace) {
        journal.restarts().begin();
        try {
            stop(grace);
            start();
        } finally {
            journal.restarts().end();
            if (journal.fold().state() == ContainerState.EXITED) {
                removal.removeIfAsked();
            }
        }
    }

    @Override
    public void pause() {
        freezing.pause();
    }

    @Override
    public void resume() {
        freezing.resume();
    }

    void thaw() {
        freezing.thaw();
    }

    @Override
    public void update(ContainerUpdate update) {
        amendments.update(update);
    }

    @Override
    public void rename(String name) {
        amendments.rename(name);
    }

    @Override
    public void remove(boolean force, boolean volumes) {
        removal.remove(force, volumes);
    }

    /** Others have removed it, or it is not followed any more. Does nothing while it is not stopped. */
    void removedByOthers(String why) {
        removal.removedByOthers(why);
    }

    /** Whether it has no process, and none is about to be started. */
    boolean isStopped() {
        return removal.isStopped();
    }

    /** @return whether this call has removed it */
    boolean removeIfStopped() {
        return removal.removeIfStopped();
    }

    /** A run is over, recorded and cleaned up. Called by its capture thread. */
    private void ended() {
        limits.end();
        // Those of now: the next run's are not to be ended with them.
        List<EngineExec> left = execs.list();
        context.background().run("the end of the execs of " + name(), () -> execs.end(left));
        restarter.schedule();
        removal.removeIfAsked();
    }

    @Override
    public Optional<ProcessStatus> await(WaitCondition condition, @Nullable Duration limit)
            throws InterruptedException {
        Checks.notNegative("timeout", limit);
        long exits = journal.fold().exits();
        if (condition == WaitCondition.HEALTHY) {
            return health.await(limit) ? Optional.of(status()) : Optional.empty();
        }
        Predicate<Fold> isMet = switch (condition) {
            case NOT_RUNNING -> fold -> fold.state().isDone() || fold.state() == ContainerState.CREATED;
            case NEXT_EXIT -> fold -> fold.exits() > exits || fold.state() == ContainerState.REMOVED;
            case REMOVED -> fold -> fold.state() == ContainerState.REMOVED;
            case HEALTHY -> throw new IllegalStateException("waited for by its health check");
        };
        return journal.await(isMet, limit) ? Optional.of(status()) : Optional.empty();
    }

    @Override
    public Exec exec(NewExec wanted) {
        Checks.exec(wanted);
        context.config().hostAccess().check(wanted);
        if (journal.fold().state() != ContainerState.RUNNING) {
            throw journal.illegal("exec");
        }
        return execs.start(wanted, spec().process(), this::inRuntime);
    }

    @Override
    public Exec exec(String execId) {
        return execs.get(execId);
    }

    @Override
    public List<Exec> execs() {
        return List.copyOf(execs.list());
    }

    @Override
    public Usage usage() {
        if (!journal.fold().state().isUp()) {
            throw journal.illegal("usage");
        }
        return watch.usage(inRuntime());
    }

    @Override
    public List<Usage> usageHistory(int limit) {
        return watch.history(limit);
    }

    @Override
    public Set<Resource> alerts() {
        return UsageWatch.raised(journal.fold());
    }

    /** What it uses, for who asks for all. */
    UsageWatch watch() {
        return watch;
    }

    @Override
    public @Nullable HealthStatus health() {
        return health.status();
    }

    @Override
    public @Nullable CrashReport crash() {
        return CrashReport.of(journal);
    }

    @Override
    public PathStatus stat(String path) {
        return contents.stat(path);
    }

    @Override
    public void readFiles(String path, ArchiveSink sink) {
        contents.read(path, sink);
    }

    @Override
    public void writeFiles(String directory, InputStream archive, boolean mayReplace) {
        contents.write(directory, archive, mayReplace);
    }

    @Override
    public List<ProcessEntry> processes() {
        return contents.processes();
    }

    @Override
    public List<FileChange> changes() {
        return contents.changes();
    }

    Contents contents() {
        return contents;
    }

    @Override
    public Endpoints endpoints() {
        RuntimeContainer present = runtimeContainer;
        return present == null || !journal.fold().state().isUp()
                ? Endpoints.NONE
                : RuntimeCalls.call(present::endpoints);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String name() {
        return terms.get().name();
    }

    /** The request that it was made of, without what was amended since. */
    NewContainer made() {
        return terms.get().made();
    }

    @Override
    public NewContainer request() {
        return terms.get().request();
    }

    @Override
    public ContainerSpec spec() {
        return terms.get().spec();
    }

    @Override
    public boolean isForeign() {
        return journal.fold().made().containsKey(LifecycleEntry.FOREIGN);
    }

    @Override
    public String imageId() {
        return spec().image();
    }

    @Override
    public EngineProcess process() {
        return process;
    }
}
