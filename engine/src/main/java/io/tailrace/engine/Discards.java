package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Lets the runtime forget the processes of one timeline that are over, and remembers one that it did not forget.
 * Thread-safe.
 */
final class Discards {
    private static final Duration KILL_TIMEOUT = Duration.ofSeconds(60);

    private final EngineContext context;
    private final String timelineId;
    private final boolean isForeign;

    /** What the runtime did not forget when it was told to. */
    private volatile @Nullable RuntimeProcess kept;

    /** @param isForeign whether what runs is others' to end */
    Discards(EngineContext context, String timelineId, boolean isForeign) {
        this.context = context;
        this.isForeign = isForeign;
        this.timelineId = timelineId;
    }

    /** Lets the runtime forget a process that is over, or that must not run. */
    void discard(RuntimeProcess process) {
        var _ = tryToDiscard(process); // it is among the problems
    }

    /**
     * As {@link #discard}, before its container is removed, which does not go on while the runtime cannot be asked.
     *
     * @throws ContainerRuntimeException UNAVAILABLE
     */
    void discardBeforeRemoval(RuntimeProcess process) {
        if (tryToDiscard(process) instanceof ContainerRuntimeException e
                && e.code() == ContainerRuntimeException.Code.UNAVAILABLE) {
            throw e;
        }
    }

    private @Nullable Exception tryToDiscard(RuntimeProcess process) {
        try {
            RuntimeProcess.Status status = process.status();
            boolean isUp = status == RuntimeProcess.Status.RUNNING || status == RuntimeProcess.Status.PAUSED;
            if (isUp && !isForeign) {
                process.signal(Signal.KILL.number());
                process.exit().get(KILL_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            }
            process.delete();
            context.problems().clear(timelineId, Problems.Kind.KEPT);
            kept = null;
            return null;
        } catch (ContainerRuntimeException | ExecutionException | TimeoutException e) {
            context.problems()
                    .report(
                            timelineId,
                            Problems.Kind.KEPT,
                            "the runtime keeps an ended process of it: " + e.getMessage());
            kept = process;
            return e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e;
        }
    }

    /** Tries again to discard what the runtime kept. Not for one that can be started anew: that discards it first. */
    void discardKept() {
        RuntimeProcess left = kept;
        if (left != null) {
            discard(left);
        }
    }
}
