package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.TerminalSize;
import java.util.Map;

/**
 * What the engine is told to do to a container's init process. Thread-safe.
 *
 * @param portBindings the container's, of which a failure to start may speak
 */
record InitCommands(EngineClient client, Place place, JsonNode portBindings) {
    private static final int SIGNAL_MAX = 64;

    /** Starts it; one that runs already is no error. */
    void start() {
        Answer answer = client.post(place.path("/start"), Map.of(), EngineClient.LONG);
        if (!answer.isDone()) {
            throw Ports.inUse(portBindings, answer.message())
                    .or(() -> StartFailure.of(answer.message()))
                    .orElseGet(() -> answer.failure("start " + place));
        }
    }

    /** Whether the start may have been done all the same: the call broke off. */
    static boolean isInDoubt(ContainerRuntimeException e) {
        return e.code() == Code.UNAVAILABLE || e.code() == Code.DEADLINE_EXCEEDED;
    }

    void signal(int number) {
        checkSignal(number);
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

    /** @param hasTerminal whether it has one; else FAILED_PRECONDITION */
    void resize(TerminalSize size, boolean hasTerminal) {
        if (!hasTerminal) {
            throw new ContainerRuntimeException(Code.FAILED_PRECONDITION, "%s has no terminal".formatted(place));
        }
        Answer answer = client.post(
                place.path("/resize?h=%d&w=%d".formatted(size.rows(), size.columns())), Map.of(), EngineClient.SOON);
        if (!answer.isDone()) {
            boolean isOver =
                    Containers.find(client, place).filter(ContainerView::isUp).isEmpty();
            throw isNotRunning(answer) || isOver ? notRunning() : answer.failure("resize " + place);
        }
    }

    ContainerRuntimeException notRunning() {
        return new ContainerRuntimeException(Code.FAILED_PRECONDITION, "%s does not run".formatted(place));
    }
}
