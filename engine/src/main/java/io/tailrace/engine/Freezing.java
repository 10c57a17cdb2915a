package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.RuntimeContainer;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pauses a container and resumes it. Thread-safe. */
final class Freezing {
    private static final Logger log = LoggerFactory.getLogger(Freezing.class);

    private final Journal journal;
    private final Supplier<RuntimeContainer> inRuntime;

    /** @param inRuntime the runtime's container; FAILED_PRECONDITION if there is none */
    Freezing(Journal journal, Supplier<RuntimeContainer> inRuntime) {
        this.journal = journal;
        this.inRuntime = inRuntime;
    }

    void pause() {
        if (journal.fold().state() != ContainerState.RUNNING) {
            throw journal.illegal("pause");
        }
        RuntimeContainer present = inRuntime.get();
        RuntimeCalls.run(present::pause);
        becomeOrUndo(ContainerState.PAUSED, present::resume);
    }

    void resume() {
        if (journal.fold().state() != ContainerState.PAUSED) {
            throw journal.illegal("resume");
        }
        RuntimeContainer present = inRuntime.get();
        RuntimeCalls.run(present::resume);
        becomeOrUndo(ContainerState.RUNNING, present::pause);
    }

    /** What cannot be recorded, as on a full disk, has not happened. */
    private void becomeOrUndo(ContainerState next, Runnable undo) {
        try {
            journal.become(next, Map.of());
        } catch (EngineException e) {
            if (journal.fold().state() == next) {
                return; // what others do to a foreign container is recorded as well, and so was this
            }
            try {
                undo.run();
            } catch (ContainerRuntimeException failure) {
                e.addSuppressed(failure);
            }
            throw e;
        }
    }

    /** Resumes it if it is paused, so that a signal reaches it; also where there is no room to record that. */
    void thaw() {
        if (journal.fold().state() == ContainerState.PAUSED) {
            try {
                RuntimeCalls.run(inRuntime.get()::resume);
                journal.become(ContainerState.RUNNING, Map.of());
            } catch (EngineException e) {
                log.debug("{} was not resumed", journal.title(), e);
            }
        }
    }
}
