package io.tailrace.engine;

import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.spi.RuntimeContainer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Probes a container while it runs, and records what comes of it. What is known is the fold's; here is only when to look
 * again, so a server that is started meanwhile goes on with it. Probes run on the engine's background threads, never two of a
 * container at once. Thread-safe.
 */
final class HealthMonitor {
    private final EngineContext context;
    private final EngineContainer container;
    private final Journal journal;
    private final @Nullable HealthPolicy policy;
    private final Probe probe;

    private volatile @Nullable Watch watch;

    /** @param policy null for no check */
    HealthMonitor(EngineContext context, EngineContainer container, @Nullable HealthPolicy policy) {
        this.context = context;
        this.container = container;
        this.journal = container.journal();
        this.policy = policy;
        probe = policy == null ? (_, _) -> Optional.empty() : probe(policy);
    }

    private Probe probe(HealthPolicy wanted) {
        List<String> words = wanted.test().subList(1, wanted.test().size());
        return switch (wanted.test().getFirst()) {
            case HealthPolicy.SHELL ->
                new CommandProbe(
                        context.time(),
                        List.of("/bin/sh", "-c", words.getFirst()),
                        container.spec().process(),
                        wanted.timeout());
            case HealthPolicy.HTTP ->
                ConnectionProbe.http(context.time(), context.background(), words.getFirst(), wanted.timeout());
            case HealthPolicy.TCP ->
                ConnectionProbe.tcp(context.time(), context.background(), words.getFirst(), wanted.timeout());
            case HealthPolicy.SOCKET ->
                ConnectionProbe.socket(context.time(), context.background(), words.getFirst(), wanted.timeout());
            default -> new CommandProbe(context.time(), words, container.spec().process(), wanted.timeout());
        };
    }

    /** How healthy it is; null where it has no check. */
    @Nullable HealthStatus status() {
        return policy == null ? null : journal.fold().health();
    }

    /**
     * Waits until it is healthy. @return whether it is; false if the time is up
     *
     * @throws EngineException FAILED_PRECONDITION when it has become unhealthy or has ended, or has no check
     */
    boolean await(@Nullable Duration limit) throws InterruptedException {
        if (policy == null) {
            throw new EngineException(
                    ErrorCode.FAILED_PRECONDITION, "%s has no health check".formatted(journal.title()));
        }
        long exits = journal.fold().exits();
        boolean isDecided = journal.await(fold -> isHealthy(fold) || failure(fold, exits) != null, limit);
        Fold fold = journal.fold();
        String failure = failure(fold, exits);
        if (isDecided && failure != null && !isHealthy(fold)) {
            throw new EngineException(ErrorCode.FAILED_PRECONDITION, journal.title() + " " + failure);
        }
        return isDecided;
    }

    private static boolean isHealthy(Fold fold) {
        return fold.state().isUp() && fold.health().status() == HealthStatus.Status.HEALTHY;
    }

    /** Why it does not become healthy any more; null if it may. @param exits runs that had ended before */
    private static @Nullable String failure(Fold fold, long exits) {
        if (fold.state().isDone() || fold.exits() > exits) {
            TimelineRecord.Exit exit = fold.run().exit();
            return "has ended before it was healthy: %s%s%s"
                    .formatted(fold.state().word(), exit == null ? "" : ", exit code " + exit.exitCode(), last(fold));
        }
        return fold.health().status() == HealthStatus.Status.UNHEALTHY ? "is unhealthy" + last(fold) : null;
    }

    /** The latest result, for people. */
    private static String last(Fold fold) {
        if (fold.health().results().isEmpty()) {
            return "";
        }
        TimelineRecord.Health result = fold.health().results().getLast();
        String output =
                StandardCharsets.UTF_8.decode(result.output().duplicate()).toString();
        return ". The last probe: exit code %d, %s".formatted(result.exitCode(), Checks.shown(output.strip()));
    }

    /** Begins to watch the run that is up, until that is over. Goes on where an earlier server has left off. */
    void begin() {
        ProcessRun run = container.process().run();
        HealthPolicy held = policy;
        if (run == null || held == null) {
            return;
        }
        Watch begun = new Watch(held, journal.fold().exits());
        Watch before = watch;
        if (before != null) {
            before.end();
        }
        watch = begun;
        context.background().run("the health of " + container.name(), journal::tellHealth);
        begun.schedule(begun.untilFirst());
        var _ = run.done().whenComplete((_, _) -> begun.end());
    }

    /** Watches one run. */
    private final class Watch {
        private final HealthPolicy policy;

        /** How many runs have ended before this one. */
        private final long exits;

        private final CompletableFuture<Void> over = new CompletableFuture<>();
        private volatile @Nullable Future<?> next;

        Watch(HealthPolicy policy, long exits) {
            this.policy = policy;
            this.exits = exits;
        }

        void end() {
            over.complete(null);
            Future<?> due = next;
            if (due != null) {
                due.cancel(false);
            }
        }

        void schedule(Duration pause) {
            next = context.background().schedule("the health check of " + container.name(), pause, this::look);
            if (over.isDone()) {
                end();
            }
        }

        /** From the latest result, or the start, on; a clock that was set back does not put it off. */
        Duration untilFirst() {
            Fold fold = journal.fold();
            List<TimelineRecord.Health> results = fold.health().results();
            long from = results.isEmpty()
                    ? fold.run().startedAtNanos()
                    : results.getLast().timestampNanos();
            Duration passed =
                    Duration.between(Fold.instant(from), context.clock().instant());
            Duration left = interval().minus(passed.isNegative() ? Duration.ZERO : passed);
            return left.isNegative() ? Duration.ZERO : left;
        }

        private Duration interval() {
            Fold fold = journal.fold();
            Instant now = context.clock().instant();
            boolean isStarting = fold.health().status() == HealthStatus.Status.STARTING
                    && policy.isInStartPeriod(Fold.nanos(now) - fold.run().startedAtNanos());
            return isStarting ? policy.startInterval() : policy.interval();
        }

        private void look() {
            try {
                Fold before = journal.fold();
                Optional<RuntimeContainer> present = container.runtimeContainer();
                if (isWatched(before) && present.isPresent()) {
                    look(present.get(), before);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } finally {
                if (!over.isDone()) {
                    schedule(interval());
                }
            }
        }

        private boolean isWatched(Fold fold) {
            return fold.state() == ContainerState.RUNNING && fold.exits() == exits;
        }

        private void look(RuntimeContainer present, Fold before) throws InterruptedException {
            context.probes().acquire();
            try {
                long fromNanos = context.time().nanos();
                Optional<ProbeResult> found = probe.run(present, over);
                if (found.isPresent() && isWatched(journal.fold()) && !wasPausedSince(before)) {
                    record(found.get(), context.time().nanos() - fromNanos);
                }
            } finally {
                context.probes().release();
            }
        }

        /** A probe that stood still says nothing. */
        private boolean wasPausedSince(Fold before) {
            return journal.fold().history().stream()
                    .anyMatch(entry ->
                            entry.feed() > before.toldFeed() && entry.event().equals(ContainerState.PAUSED.word()));
        }

        /** What cannot be recorded, as on a full disk, has not happened: the next probe finds it out once more. */
        private void record(ProbeResult result, long durationNanos) {
            try {
                journal.health(result, durationNanos, policy, exits);
                context.problems().clear(container.id(), Problems.Kind.UNPROBED);
            } catch (EngineException e) {
                if (e.code() != ErrorCode.RESOURCE_EXHAUSTED && e.code() != ErrorCode.INTERNAL) {
                    throw e;
                }
                context.problems()
                        .report(
                                container.id(),
                                Problems.Kind.UNPROBED,
                                "what its health check finds is not recorded: " + e.getMessage());
            }
        }
    }
}
