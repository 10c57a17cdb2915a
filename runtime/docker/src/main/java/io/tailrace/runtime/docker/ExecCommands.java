package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * What the engine is told to do to an exec, and asked of it. Thread-safe.
 *
 * @param engineId the engine's name for it
 * @param name for people
 */
record ExecCommands(EngineClient client, String engineId, boolean hasTerminal, String name) {
    /** What the engine gives for a command that it cannot start. */
    private static final Set<Integer> FAILURE_CODES = Set.of(126, 127, 128);

    private static final int LOOKS_MAX = 4;
    private static final long POLL_MILLIS_MIN = 2;
    private static final long POLL_MILLIS_MAX = 50;

    /** What the engine says of it. */
    Answer look() {
        return client.get("/exec/" + engineId + "/json");
    }

    /** Whether it has ended. Podman tells an exit code, 0, also of one that was never started. */
    boolean isOver(JsonNode view) {
        return !view.path("Running").asBoolean()
                && view.path("ExitCode").isIntegralNumber()
                && (!client.isPodman() || view.path("CanRemove").asBoolean());
    }

    static int exitCode(JsonNode view) {
        return view.path("ExitCode").asInt(-1);
    }

    /**
     * Starts and attaches it, which is one step. Returns when it runs.
     *
     * @throws ContainerRuntimeException with nothing left open
     */
    HttpConnection start() throws IOException {
        Map<String, Object> request = Map.of("Detach", false, "Tty", hasTerminal);
        HttpConnection connection =
                client.upgrade("/exec/" + engineId + "/start", Json.bytes(request), "start " + name);
        try {
            awaitStart(connection);
            return connection;
        } catch (ContainerRuntimeException | IOException e) {
            client.end(connection);
            throw e;
        }
    }

    /** The engine switches protocols first and starts then; what goes wrong it writes where the output would come. */
    private void awaitStart(HttpConnection connection) throws IOException {
        long deadlineNanos = System.nanoTime() + EngineClient.LONG.toNanos();
        long pauseMillis = POLL_MILLIS_MIN;
        int looksFailed = 0;
        while (System.nanoTime() - deadlineNanos < 0) {
            JsonNode view = look().json("look up " + name);
            if (view.path("Pid").asLong() != 0) {
                return;
            }
            // Podman forgets the process id at the end, which may come before it was looked up.
            if (client.isPodman() && isOver(view)) {
                checkStarted(view, connection);
                return;
            }
            // Called running before it is started, and for a moment ended before its process id is told.
            looksFailed =
                    view.path("Running").asBoolean() || !FAILURE_CODES.contains(exitCode(view)) ? 0 : looksFailed + 1;
            if (looksFailed == LOOKS_MAX) {
                String words = words(connection);
                throw StartFailure.of(words)
                        .orElseGet(() ->
                                new ContainerRuntimeException(Code.INTERNAL, "start %s: %s".formatted(name, words)));
            }
            try {
                Thread.sleep(pauseMillis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            pauseMillis = Math.min(2 * pauseMillis, POLL_MILLIS_MAX);
        }
        throw new ContainerRuntimeException(
                Code.DEADLINE_EXCEEDED,
                "start %s: it did not begin to run within %d s".formatted(name, EngineClient.LONG.toSeconds()));
    }

    /** Of what Podman says has ended: whether it ever began is known by what stands where its output would. */
    private static void checkStarted(JsonNode view, HttpConnection connection) throws IOException {
        if (FAILURE_CODES.contains(exitCode(view))) {
            String words = StandardCharsets.UTF_8
                    .decode(connection.peek(FrameHeader.WORDS_MAX))
                    .toString();
            Optional<ContainerRuntimeException> failure = StartFailure.of(words);
            if (failure.isPresent()) {
                throw failure.get();
            }
        }
    }

    private String words(HttpConnection connection) throws IOException {
        if (!hasTerminal && !FrameHeader.read(connection, ByteBuffer.allocate(FrameHeader.BYTES))) {
            return "the engine does not say why";
        }
        byte[] words = Channels.newInputStream(connection).readNBytes(FrameHeader.WORDS_MAX);
        return new String(words, StandardCharsets.UTF_8).strip();
    }

    /** Its process id, of one that was started; 0 if it does not run. */
    long pid() {
        Answer answer = look();
        JsonNode view = answer.isDone() ? answer.json("look up " + name) : null;
        return view != null && view.path("Running").asBoolean()
                ? view.path("Pid").asLong()
                : 0;
    }

    /** Changes its terminal's size, of one that was started. @param isOver whether its end is known by now */
    void resize(TerminalSize size, BooleanSupplier isOver) {
        Answer answer = client.post(
                "/exec/%s/resize?h=%d&w=%d".formatted(engineId, size.rows(), size.columns()),
                Map.of(),
                EngineClient.SOON);
        if (!answer.isDone()) {
            throw isOver.getAsBoolean() || pid() == 0 ? notRunning() : answer.failure("resize " + name);
        }
    }

    ContainerRuntimeException notRunning() {
        return new ContainerRuntimeException(Code.FAILED_PRECONDITION, "%s does not run".formatted(name));
    }
}
