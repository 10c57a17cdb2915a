package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a server does at its start with what an earlier one left: folds all timelines, rebuilds the feed, goes on with
 * every container that the runtime still has, and removes leftovers that no timeline knows. Used by one thread.
 */
final class Adoption {
    private static final Logger log = LoggerFactory.getLogger(Adoption.class);
    private static final int PARALLEL = 8;
    private static final int KILL_TIMEOUT_SECONDS = 30;
    /** More than have been given since any one record was, however many containers came and went. */
    private static final long UNKNOWN_FEED_NUMBERS_MAX = 1L << 32;

    private final EngineContext context;
    private final Registry registry;

    /** Those that the runtime could not hand over, for a reason that may pass. */
    private final Set<EngineContainer> waiting = ConcurrentHashMap.newKeySet();

    /** Those whose timeline could not be opened, for a reason that may pass as well. */
    private final Set<String> unopened = ConcurrentHashMap.newKeySet();

    /** Those whose creation was cut short. */
    private final Set<String> unmade = new HashSet<>();

    private boolean hasUnopenedExecs;
    private boolean isComplete = true;

    Adoption(EngineContext context, Registry registry) {
        this.context = context;
        this.registry = registry;
    }

    void run() {
        load();
        restoreFeed();
        adoptAll();
        if (isComplete) {
            removeLeftovers();
            context.volumes().removeMadeFor(unmade);
        }
    }

    private void load() {
        for (String id : context.data().containerIds()) {
            try {
                load(id);
            } catch (RuntimeException e) {
                // Its directory stays for people to look at, and its container, if there is one, is left alone till
                // then.
                isComplete = false;
                unopened.add(id);
                reportUnopened(id, e);
            }
        }
    }

    private void load(String id) {
        Journal journal = Journals.open(context, id, "", 0);
        try {
            load(id, journal);
        } catch (RuntimeException e) {
            journal.closeAfter(e);
            throw e;
        }
    }

    private void load(String id, Journal journal) {
        if (Journals.isUnmade(journal)) {
            log.info("container {} was never completed; its remains are removed", id);
            journal.close();
            context.data().deleteContainer(id);
            unmade.add(id);
            return;
        }
        EngineContainer container = new EngineContainer(context, id, journal, null, registry);
        hasUnopenedExecs |= !container.openExecs().load();
        registry.add(container);
        if (context.isClosing().get()) {
            container
                    .openExecs()
                    .list()
                    .forEach(exec -> exec.process().journal().closeAnyway());
            journal.closeAnyway();
        }
    }

    private void restoreFeed() {
        List<FeedRecord> found = new ArrayList<>();
        long floor = context.data().feedFloor();
        for (EngineContainer container : registry.list()) {
            floor = Math.max(floor, collect(container.journal(), found));
            for (EngineExec exec : container.openExecs().list()) {
                floor = Math.max(floor, collect(exec.process().journal(), found));
            }
        }
        // Numbers that stand in a timeline that cannot be opened now are not to be given again.
        if (!unopened.isEmpty() || hasUnopenedExecs) {
            floor += UNKNOWN_FEED_NUMBERS_MAX;
            context.data().raiseFeedFloor(floor); // or a later start that opens others could give them again
        }
        context.feed().restore(found, floor);
    }

    private static long collect(Journal journal, Collection<FeedRecord> found) {
        Fold fold = journal.fold();
        fold.history().forEach(entry -> found.add(journal.feedRecord(entry)));
        return fold.lastFeed();
    }

    private void adoptAll() {
        List<Future<?>> adoptions = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(
                PARALLEL, Thread.ofPlatform().daemon().name("adoption-", 0).factory())) {
            for (EngineContainer container : registry.list()) {
                adoptions.add(executor.submit(() -> adopt(container)));
            }
        }
        for (Future<?> adoption : adoptions) {
            try {
                adoption.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof EngineException failure) {
                    throw failure;
                }
                throw new EngineException(ErrorCode.INTERNAL, "a container was not adopted: " + e.getCause(), e);
            } catch (InterruptedException e) {
                throw EngineProcess.interrupted(e);
            }
        }
    }

    private void adopt(EngineContainer container) {
        try {
            container.adopt(
                    container.status().state() == ContainerState.REMOVED ? Optional.empty() : recover(container));
            context.problems().clear(container.id(), Problems.Kind.UNADOPTED);
            waiting.remove(container);
        } catch (ContainerRuntimeException e) {
            if (e.code() == Code.UNAVAILABLE) {
                throw RuntimeCalls.failure(e);
            }
            putOff(container, e);
        } catch (EngineException e) {
            // As on a full disk, where the records that it takes have no room.
            if (e.code() != ErrorCode.RESOURCE_EXHAUSTED && e.code() != ErrorCode.INTERNAL) {
                throw e;
            }
            putOff(container, e);
        }
    }

    private void putOff(EngineContainer container, RuntimeException cause) {
        isComplete = false;
        waiting.add(container);
        context.problems()
                .report(container.id(), Problems.Kind.UNADOPTED, "it is not adopted yet: " + cause.getMessage());
    }

    private Optional<RuntimeContainer> recover(EngineContainer container) {
        try {
            return Optional.of(context.runtime().recover(container.handle()));
        } catch (ContainerRuntimeException e) {
            if (e.code() == Code.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private boolean open(String id) {
        try {
            load(id);
            context.problems().clear(id, Problems.Kind.UNOPENED);
            EngineContainer opened = registry.get(id);
            if (opened != null) {
                waiting.add(opened);
            }
            return true;
        } catch (RuntimeException e) {
            reportUnopened(id, e);
            return false;
        }
    }

    private void reportUnopened(String id, RuntimeException cause) {
        context.problems().report(id, Problems.Kind.UNOPENED, "its timeline cannot be opened: " + cause.getMessage());
    }

    /** Tries again those that were not adopted. */
    void retry() {
        unopened.removeIf(this::open);
        for (EngineContainer container : waiting) {
            adopt(container);
        }
        for (EngineContainer container : registry.list()) {
            if (!waiting.contains(container)) {
                container.retryExecs();
            }
        }
    }

    private void removeLeftovers() {
        Set<String> known = new HashSet<>();
        for (EngineContainer container : registry.list()) {
            if (container.status().state() != ContainerState.REMOVED) {
                known.add(container.handle());
            }
        }
        for (String handle : RuntimeCalls.call(() -> context.runtime().handles())) {
            if (!known.contains(handle)) {
                removeLeftover(handle);
            }
        }
    }

    private void removeLeftover(String handle) {
        log.info("removing a container that no timeline knows: {}", handle);
        try {
            RuntimeContainer leftover = context.runtime().recover(handle);
            Optional<RuntimeProcess> process = leftover.process();
            if (process.isPresent()) {
                end(process.get());
            }
            leftover.remove();
        } catch (ContainerRuntimeException | ExecutionException | TimeoutException e) {
            log.warn("a container that no timeline knows was not removed: {}", handle, e);
        } catch (InterruptedException e) {
            throw EngineProcess.interrupted(e);
        }
    }

    private static void end(RuntimeProcess process) throws ExecutionException, TimeoutException, InterruptedException {
        RuntimeProcess.Status status = process.status();
        if (status == RuntimeProcess.Status.RUNNING || status == RuntimeProcess.Status.PAUSED) {
            process.signal(Signal.KILL.number());
            process.exit().get(KILL_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        }
        process.delete();
    }
}
