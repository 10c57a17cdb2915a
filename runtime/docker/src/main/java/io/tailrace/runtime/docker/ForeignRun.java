package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.ProcessInput;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.RuntimeProcess;
import io.tailrace.runtime.spi.TerminalSize;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a container that others made: one that they have begun, or that is about to be started here. It is known by the
 * time of its start, and never ended but by {@link #signal}. Thread-safe.
 */
final class ForeignRun implements RuntimeProcess, Watched {
    private static final String FILE = "run.json";
    private static final Logger LOGGER = LoggerFactory.getLogger(ForeignRun.class);
    private static final int CODE_UNKNOWN = 255;
    private static final int CODE_MASK = 0xff;

    private final Services services;
    private final Place place;
    private final ContainerFiles files;
    private final InitCommands commands;
    private final boolean hasTerminal;
    private final boolean isAutoRemove;
    private final Begin begin;
    private final ForeignOutput stdout;
    private final @Nullable ForeignOutput stderr;
    private final LongConsumer ended;
    private final CompletableFuture<ProcessExit> exit = new CompletableFuture<>();

    /** When it was started, as the engine writes it; empty as long as it was not. */
    private volatile String startedAt;

    /** Where the engine's log of it ends; {@link Long#MAX_VALUE} as long as that is not known. */
    private volatile long untilNanos = Long.MAX_VALUE;

    private volatile boolean isOutOfMemory;

    /**
     * What is known of a run from its beginning on.
     *
     * @param startedAt empty: it is about to be started here
     * @param startedBefore when the run before it was started
     * @param sinceNanos where it begins in the engine's log; 0: with the log
     * @param isWhole whether the log certainly has its beginning
     */
    record Begin(String startedAt, String startedBefore, long sinceNanos, boolean isWhole) {
        void write(ContainerFiles files) {
            files.write(
                    FILE,
                    Map.of(
                            "startedAt", startedAt,
                            "startedBefore", startedBefore,
                            "since", sinceNanos,
                            "whole", isWhole));
        }

        /** The same, if the log may lack its beginning by now. */
        Begin inDoubt() {
            return new Begin(startedAt, startedBefore, sinceNanos, false);
        }

        /** The run that was handed over, and not deleted. */
        static Optional<Begin> read(ContainerFiles files) {
            return files.read(FILE).map(Begin::of);
        }

        private static Begin of(JsonNode json) {
            return new Begin(
                    json.path("startedAt").asText(),
                    json.path("startedBefore").asText(),
                    json.path("since").asLong(),
                    json.path("whole").asBoolean());
        }
    }

    /**
     * A run.
     *
     * @param found the container
     * @param ended told once it is deleted: where its part of the log ends
     */
    ForeignRun(
            Services services,
            Place place,
            ContainerView found,
            ContainerFiles files,
            Begin begin,
            LongConsumer ended) {
        this.services = services;
        this.place = place;
        this.files = files;
        this.begin = begin;
        this.ended = ended;
        commands = new InitCommands(services.client(), place, Ports.bindings(found), exit);
        hasTerminal = found.hasTerminal();
        isAutoRemove = found.spec().path("HostConfig").path("AutoRemove").asBoolean();
        startedAt = begin.startedAt();
        var log = ForeignLog.of(services, place, found);
        var section = new LogSection(begin.sinceNanos(), begin.isWhole(), this::isOver, () -> untilNanos);
        stdout = new ForeignOutput(log, "stdout", section, files);
        stderr = hasTerminal ? null : new ForeignOutput(log, "stderr", section, files);
    }

    /** Begins to await its end. */
    ForeignRun watched() {
        services.events().add(this);
        // It may have come before, while others knew of this run already.
        services.events().death(place.id()).ifPresent(death -> ended(death.exitCode(), death.at()));
        check();
        return this;
    }

    String startedAt() {
        return startedAt;
    }

    /** Where the engine's log of it ends; {@link Long#MAX_VALUE} as long as that is not known. */
    long untilNanos() {
        return untilNanos;
    }

    @Override
    public String containerId() {
        return place.id();
    }

    @Override
    public String execId() {
        return "";
    }

    @Override
    public ProcessOutput stdout() {
        return new ProcessOutput.Kept(stdout);
    }

    @Override
    public Optional<ProcessOutput> stderr() {
        return Optional.ofNullable(stderr).map(ProcessOutput.Kept::new);
    }

    /** None: the engine may close it for all when one client leaves. */
    @Override
    public Optional<ProcessInput> stdin() {
        return Optional.empty();
    }

    @Override
    public void start() {
        if (isStarted()) {
            return;
        }
        if (commands.found().filter(ContainerView::isRestarting).isPresent()) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION, "start %s: the engine is about to restart it".formatted(place));
        }
        commands.start(this::status);
        try {
            check();
        } catch (ContainerRuntimeException e) {
            LOGGER.debug("{} has started, and when is asked again", place, e);
        }
    }

    /** Whether it has begun, here or by others. */
    private boolean isStarted() {
        if (startedAt.isEmpty()) {
            check();
        }
        return !startedAt.isEmpty();
    }

    @Override
    public CompletableFuture<ProcessExit> exit() {
        return exit.copy();
    }

    private boolean isOver() {
        if (!exit.isDone()) {
            try {
                check();
            } catch (ContainerRuntimeException e) {
                return false;
            }
        }
        return exit.isDone();
    }

    @Override
    public synchronized void check() {
        if (exit.isDone()) {
            return;
        }
        Optional<ContainerView> found = commands.found();
        if (found.isEmpty()) {
            settle(new ProcessExit(CODE_UNKNOWN, isOutOfMemory, true, Instant.now()), Long.MAX_VALUE);
            return;
        }
        ContainerView view = found.get();
        if (startedAt.isEmpty() && !view.startedAt().equals(begin.startedBefore())) {
            String started = view.startedAt();
            new Begin(started, begin.startedBefore(), begin.sinceNanos(), begin.isWhole()).write(files);
            startedAt = started;
        }
        if (startedAt.isEmpty()) {
            return;
        }
        if (!view.startedAt().equals(startedAt)) {
            settleOvertaken(view);
        } else if (!view.isUp() || view.isRestarting()) {
            settle(
                    new ProcessExit(
                            view.exitCode() & CODE_MASK,
                            isOutOfMemory || view.isOutOfMemory(),
                            false,
                            view.finishedAt()),
                    Long.MAX_VALUE);
        }
    }

    /** Its end, of which an event may have told that is not taken up yet, once another run was begun. */
    private void settleOvertaken(ContainerView later) {
        services.events()
                .death(place.id())
                .filter(death -> !death.at().isBefore(ContainerView.instant(startedAt)))
                .filter(death -> death.at().isBefore(ContainerView.instant(later.startedAt())))
                .ifPresentOrElse(
                        death -> settle(
                                new ProcessExit(death.exitCode() & CODE_MASK, isOutOfMemory, false, death.at()),
                                LogMessages.nanos(death.at())),
                        () -> settle(
                                new ProcessExit(CODE_UNKNOWN, isOutOfMemory, true, Instant.now()), between(later)));
    }

    /**
     * Where the log of a run ends after which another was begun, as near as can be known: what is logged between the end of the
     * one and the start of the other is nothing, as a rule, for the engine pauses there.
     */
    static long between(ContainerView later) {
        long started = LogMessages.nanos(ContainerView.instant(later.startedAt()));
        long finished = LogMessages.nanos(later.finishedAt());
        return later.isUp() && finished < started ? finished + (started - finished) / 2 : started - 1;
    }

    private void settle(ProcessExit how, long endOfLogNanos) {
        untilNanos = Math.min(untilNanos, endOfLogNanos);
        exit.complete(how);
        if (isAutoRemove) {
            return; // the engine lets nobody read its log again, and ends what is followed when it is removed
        }
        stdout.endFollowing();
        if (stderr != null) {
            stderr.endFollowing();
        }
    }

    /** The engine says so when the log has all of this run, and before it begins another. */
    @Override
    public synchronized void ended(int exitCode, Instant at) {
        if (startedAt.isEmpty()) {
            check();
        }
        if (startedAt.isEmpty() || at.isBefore(ContainerView.instant(startedAt))) {
            return;
        }
        long nanos = LogMessages.nanos(at);
        if (!exit.isDone()) {
            settle(new ProcessExit(exitCode & CODE_MASK, isOutOfMemory || saysOutOfMemory(), false, at), nanos);
        } else if (untilNanos == Long.MAX_VALUE) {
            untilNanos = nanos; // the first after its start, so it is its own
        }
    }

    private boolean saysOutOfMemory() {
        try {
            return commands.found()
                    .filter(view -> view.startedAt().equals(startedAt))
                    .filter(ContainerView::isOutOfMemory)
                    .isPresent();
        } catch (ContainerRuntimeException e) {
            return false; // the exit code counts for more
        }
    }

    @Override
    public void outOfMemory() {
        isOutOfMemory = true;
    }

    @Override
    public Status status() {
        Optional<ContainerView> found = commands.found();
        if (exit.isDone() || found.isEmpty()) {
            return Status.EXITED;
        }
        ContainerView view = found.get();
        if (startedAt.isEmpty() && view.startedAt().equals(begin.startedBefore())) {
            return Status.CREATED;
        }
        boolean isThis = startedAt.isEmpty() || view.startedAt().equals(startedAt);
        return isThis ? status(view) : Status.EXITED;
    }

    static Status status(ContainerView view) {
        if (!view.isUp() || view.isRestarting()) {
            return Status.EXITED;
        }
        return view.isPaused() ? Status.PAUSED : Status.RUNNING;
    }

    @Override
    public long pid() {
        return commands.pid();
    }

    @Override
    public void signal(int number) {
        commands.signal(number);
    }

    @Override
    public void resize(TerminalSize size) {
        commands.resize(size, hasTerminal);
    }

    /** Forgets it. What others run goes on. */
    @Override
    public void delete() {
        commands.checkOver(status());
        detach();
        ended.accept(untilNanos);
        stdout.forget();
        if (stderr != null) {
            stderr.forget();
        }
        files.remove(FILE);
    }

    /** Ends the connections; what runs goes on. */
    void detach() {
        services.events().remove(this);
        stdout.close();
        if (stderr != null) {
            stderr.close();
        }
    }
}
