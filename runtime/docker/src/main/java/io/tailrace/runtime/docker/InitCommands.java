package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.RuntimeProcess.Status;
import io.tailrace.runtime.spi.TerminalSize;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What the engine is told to do to a run of a container, and asked of it. Thread-safe.
 *
 * @param portBindings the container's, of which a failure to start may speak
 * @param exit of this run: once it is known, nothing is done to what may have been started since
 */
record InitCommands(EngineClient client, Place place, JsonNode portBindings, CompletableFuture<ProcessExit> exit) {
    private static final int SIGNAL_MAX = 64;

    /** The container, if it is still there. */
    Optional<ContainerView> found() {
        return Containers.find(client, place);
    }

    /** Starts it; one that runs already is no error. @param status where it stands, if the call broke off */
    void start(Supplier<Status> status) {
        try {
            start();
        } catch (ContainerRuntimeException e) {
            if (!isInDoubt(e) || status.get() == Status.CREATED) {
                throw e;
            }
        }
    }

    private void start() {
        Answer answer = client.post(place.path("/start"), Map.of(), EngineClient.LONG);
        if (!answer.isDone()) {
            throw Ports.inUse(portBindings, answer.message())
                    .or(() -> StartFailure.of(answer.message()))
                    .orElseGet(() -> answer.failure("start " + place));
        }
    }

    /** Whether the start may have been done all the same: the call broke off. */
    private static boolean isInDoubt(ContainerRuntimeException e) {
        return e.code() == Code.UNAVAILABLE || e.code() == Code.DEADLINE_EXCEEDED;
    }

    /** Its process id; 0 if it does not run. */
    long pid() {
        return exit.isDone()
                ? 0
                : found().filter(ContainerView::isUp).map(ContainerView::pid).orElse(0L);
    }

    void signal(int number) {
        checkSignal(number);
        if (exit.isDone()) {
            throw notRunning();
        }
        Answer answer = client.post(place.path("/kill?signal=" + number), Map.of(), EngineClient.LONG);
        if (!answer.isDone()) {
            throw isNotRunning(answer) ? notRunning() : answer.failure("signal " + number + " to " + place);
        }
    }

    static void checkSignal(int number) {
        if (number < 1 || number > SIGNAL_MAX) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "signal: %d (expected: 1 to %d)".formatted(number, SIGNAL_MAX));
        }
    }

    /** Docker 20.10 has no status of its own for it where a process ends meanwhile. */
    private static boolean isNotRunning(Answer answer) {
        return answer.status() == Answer.CONFLICT
                || answer.status() == Answer.NOT_FOUND
                || answer.message().contains("is not running")
                || answer.message().contains("process already finished");
    }

    /** To be called before it is deleted. @throws ContainerRuntimeException FAILED_PRECONDITION if it runs */
    void checkOver(Status status) {
        if (status == Status.RUNNING || status == Status.PAUSED) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION, "delete the process of %s: it runs (expected: exited)".formatted(place));
        }
    }

    /** @param hasTerminal whether it has one; else FAILED_PRECONDITION */
    void resize(TerminalSize size, boolean hasTerminal) {
        if (!hasTerminal) {
            throw new ContainerRuntimeException(Code.FAILED_PRECONDITION, "%s has no terminal".formatted(place));
        }
        Answer answer = client.post(
                place.path("/resize?h=%d&w=%d".formatted(size.rows(), size.columns())), Map.of(), EngineClient.SOON);
        if (!answer.isDone()) {
            boolean isOver = found().filter(ContainerView::isUp).isEmpty();
            throw isNotRunning(answer) || isOver ? notRunning() : answer.failure("resize " + place);
        }
    }

    private ContainerRuntimeException notRunning() {
        return new ContainerRuntimeException(Code.FAILED_PRECONDITION, "%s does not run".formatted(place));
    }
}
