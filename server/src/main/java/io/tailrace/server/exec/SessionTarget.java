package io.tailrace.server.exec;

import io.tailrace.api.exec.Start;
import io.tailrace.engine.Container;
import io.tailrace.engine.ContainerProcess;
import io.tailrace.engine.Engine;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import io.tailrace.engine.Exec;
import io.tailrace.engine.NewExec;
import io.tailrace.runtime.spi.TerminalSize;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The process that a session is about.
 *
 * @param execId the engine's; the container's id for its init process
 * @param terminal null if it has none
 * @param isResumed whether the client came back with a session id
 * @param isInteractive whether the client brought a command or came for a terminal, and not only to watch
 */
record SessionTarget(
        Container container,
        ContainerProcess process,
        String execId,
        @Nullable TerminalSize terminal,
        boolean isResumed,
        boolean isInteractive) {

    /** Finds it, or makes it where the client brings a command that does not run yet, if there is room for its session. */
    static SessionTarget of(Engine engine, SessionIds ids, Sessions.Room room, Start start) {
        if (!start.getSessionId().isEmpty()) {
            return resumed(engine, ids, start);
        }
        if (start.getContainerId().isEmpty() || start.getExecId().isEmpty()) {
            throw new EngineException(
                    ErrorCode.INVALID_ARGUMENT,
                    "start: container_id: \"%s\", exec_id: \"%s\" (expected: both, or a session_id)"
                            .formatted(start.getContainerId(), start.getExecId()));
        }
        Container container = engine.container(start.getContainerId());
        boolean isUnnamed = start.getExecId().equals(start.getContainerId())
                || start.getExecId().equals(container.id());
        if (start.getCommandList().isEmpty()) {
            Optional<Exec> named = isUnnamed ? Optional.empty() : find(container, start.getExecId());
            return named.map(exec -> of(container, exec, false, exec.request().terminal() != null))
                    .orElseGet(() -> init(container, false));
        }
        // Refused later, its command would run all the same.
        room.take(container.id());
        Exec exec = isUnnamed
                ? joinOrRun(container, start)
                : container.exec(request(ExecNames.engineId(start.getExecId()), start));
        return of(container, exec, false, true);
    }

    private static SessionTarget resumed(Engine engine, SessionIds ids, Start start) {
        SessionIds.Named named = ids.read(start.getSessionId())
                .orElseThrow(() -> new EngineException(
                        ErrorCode.NOT_FOUND,
                        "session_id: %s (expected: one that this server gave)".formatted(start.getSessionId())));
        Container container = engine.container(named.containerId());
        boolean isInit = named.execId().equals(container.id());
        if (!start.getContainerId().isEmpty() && !isNamed(start.getContainerId(), container, engine)) {
            throw mismatch("container_id", start.getContainerId(), container.id());
        }
        if (!isInit
                && !start.getExecId().isEmpty()
                && !start.getExecId().equals(start.getContainerId())
                && !ExecNames.engineId(start.getExecId()).equals(named.execId())) {
            throw mismatch("exec_id", start.getExecId(), named.execId());
        }
        return isInit ? init(container, true) : of(container, container.exec(named.execId()), true, true);
    }

    private static boolean isNamed(String reference, Container container, Engine engine) {
        try {
            return engine.container(reference).id().equals(container.id());
        } catch (EngineException e) {
            if (e.code() == ErrorCode.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    /** A shell that still runs is shared by all who ask for it; one that has ended makes way for a new one. */
    private static Exec joinOrRun(Container container, Start start) {
        List<Exec> execs = container.execs();
        Optional<Exec> running = ExecNames.latestUnnamed(execs)
                .filter(exec -> !exec.status().state().isDone())
                .filter(exec -> exec.request().equals(request(exec.id(), start)));
        return running.orElseGet(() -> container.exec(request(ExecNames.nextUnnamed(execs), start)));
    }

    private static Optional<Exec> find(Container container, String execId) {
        String engineId = ExecNames.engineId(execId);
        return container.execs().stream()
                .filter(exec -> exec.id().equals(engineId))
                .findFirst();
    }

    private static NewExec request(String engineId, Start start) {
        return new NewExec(
                engineId,
                List.copyOf(start.getCommandList()),
                start.getEnvMap(),
                start.getWorkingDir(),
                "",
                true,
                start.getTty() ? TerminalSize.DEFAULT : null,
                false);
    }

    private static SessionTarget init(Container container, boolean isResumed) {
        TerminalSize terminal = container.request().terminal();
        return new SessionTarget(container, container.process(), container.id(), terminal, isResumed, terminal != null);
    }

    private static SessionTarget of(Container container, Exec exec, boolean isResumed, boolean isInteractive) {
        return new SessionTarget(container, exec, exec.id(), exec.request().terminal(), isResumed, isInteractive);
    }

    private static EngineException mismatch(String field, String given, String expected) {
        return new EngineException(
                ErrorCode.INVALID_ARGUMENT,
                "%s: %s (expected: the session's, %s, or empty)".formatted(field, given, expected));
    }
}
