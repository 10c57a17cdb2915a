package io.tailrace.engine;

import io.tailrace.log.ExitReason;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Starts a container's process, and takes over what others have started. Thread-safe. */
final class Starting {
    private final EngineContext context;
    private final EngineContainer container;
    private final Journal journal;
    private final Supplier<RuntimeContainer> inRuntime;

    /** @param inRuntime the runtime's container; FAILED_PRECONDITION if there is none */
    Starting(EngineContext context, EngineContainer container, Supplier<RuntimeContainer> inRuntime) {
        this.context = context;
        this.container = container;
        this.journal = container.journal();
        this.inRuntime = inRuntime;
    }

    /** Returns when it runs. @param condition that must still hold when the start is recorded; else FAILED_PRECONDITION */
    void start(Predicate<Fold> condition) {
        if (!journal.fold().state().canBecome(ContainerState.STARTING)) {
            throw journal.illegal("start");
        }
        RuntimeContainer present = inRuntime.get();
        container
                .process()
                .start(
                        () -> {
                            // A path that may be bound may have become a link to one that may not.
                            if (!container.isForeign()) {
                                context.config().hostAccess().checkAgain(container.spec());
                            }
                            return prepare(present);
                        },
                        condition);
    }

    private RuntimeProcess prepare(RuntimeContainer present) {
        container.tellNames();
        try {
            return present.prepare();
        } catch (ContainerRuntimeException e) {
            Optional<RuntimeProcess> left = present.process();
            if (e.code() != ContainerRuntimeException.Code.FAILED_PRECONDITION || left.isEmpty()) {
                throw e;
            }
            // The runtime did not forget the process of the last run when it was told to.
            container.process().discards().discard(left.get());
            return present.prepare();
        }
    }

    /** Records the run that others have begun, as a start. Begins none: FAILED_PRECONDITION if there is none. */
    void takeOver() {
        RuntimeContainer present = inRuntime.get();
        container.process().start(present::prepareBegun, fold -> true);
    }

    /** Whether it stands still only because a client has stopped it, while it ran or between two runs. */
    boolean isDueWithTheServer() {
        Fold fold = journal.fold();
        TimelineRecord.Exit exit = fold.run().exit();
        return fold.state() == ContainerState.EXITED
                && exit != null
                && exit.reason() != ExitReason.START_FAILED
                && container.request().restart().kind() == RestartPolicy.Kind.ALWAYS
                && container.runtimeContainer().isPresent();
    }
}
