package io.tailrace.server.stream;

import io.tailrace.engine.Container;
import io.tailrace.engine.ContainerProcess;
import io.tailrace.engine.Cursor;
import io.tailrace.engine.Engine;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import io.tailrace.log.TimelineRecord;

/** Processes as every door names them, and when a reader has all of one. */
public final class Processes {
    private Processes() {}

    /** The container that a client names. */
    public static Container container(Engine engine, String reference) {
        if (reference.isEmpty()) {
            throw new EngineException(
                    ErrorCode.INVALID_ARGUMENT, "container: empty (expected: an id, a prefix of one, or a name)");
        }
        return engine.container(reference);
    }

    /** The init process of a container, or one of its execs. @param exec empty for the init process */
    public static ContainerProcess find(Engine engine, String container, String exec) {
        Container found = container(engine, container);
        return exec.isEmpty() ? found.process() : found.exec(exec);
    }

    /** Whether a cursor stands behind the exit of the latest run, so that there is nothing left to come. */
    public static boolean isBehindExit(ContainerProcess process, Cursor cursor) {
        TimelineRecord.Exit exit = process.status().exit();
        return exit != null && cursor.sequence() >= exit.sequence();
    }

    /**
     * Refuses to end a stream well that was to end with the exit and did not get there: its timeline was deleted under
     * it, or the container was removed before it ever ran.
     */
    public static void requireBehindExit(ContainerProcess process, Cursor cursor) {
        if (!isBehindExit(process, cursor)) {
            throw new EngineException(
                    ErrorCode.NOT_FOUND,
                    "timeline %s ended without an exit record at sequence %d"
                            .formatted(process.timelineId(), cursor.sequence()));
        }
    }
}
