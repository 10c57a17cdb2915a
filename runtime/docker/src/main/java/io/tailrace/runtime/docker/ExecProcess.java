package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.OutputLostException;
import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.ProcessInput;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.RuntimeProcess;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An exec process. The engine starts and attaches it in one step, and keeps none of its output: when this server goes, the
 * process runs on, its exit is found again, and what it writes from then on is lost. Thread-safe.
 */
final class ExecProcess implements RuntimeProcess, Watched {
    private static final int CODE_UNKNOWN = 255;
    private static final int CODE_MASK = 0xff;
    private static final int KILLED = 137;
    private static final int DETACHED = 126;
    /** What the engine gives for a command that it cannot start. */
    private static final Set<Integer> FAILURE_CODES = Set.of(126, 127, 128);

    private static final int LOOKS_MAX = 4;
    private static final long POLL_MILLIS_MIN = 2;
    private static final long POLL_MILLIS_MAX = 50;

    private final Services services;
    private final Place place;
    private final String containerId;
    private final String id;
    private final ContainerFiles files;
    private final ContainerFiles.ExecFile file;
    private final ExecStreams streams;
    private final boolean isRecovered;
    private final @Nullable StdinStream stdin;
    private final CompletableFuture<ProcessExit> exit = new CompletableFuture<>();
    private final Runnable deleted;

    /** Guarded by this: a size that waits for the terminal to exist. */
    private @Nullable TerminalSize pendingSize;

    private volatile boolean isStarted;
    private volatile boolean isOutOfMemory;

    /**
     * An exec that the engine has made.
     *
     * @param isRecovered whether an earlier server started it
     * @param deleted told once it is deleted
     */
    ExecProcess(
            Services services,
            Place place,
            String containerId,
            String id,
            ContainerFiles files,
            ContainerFiles.ExecFile file,
            @Nullable TerminalSize initialSize,
            boolean isRecovered,
            Runnable deleted) {
        this.services = services;
        this.place = place;
        this.containerId = containerId;
        this.id = id;
        this.files = files;
        this.file = file;
        this.isRecovered = isRecovered;
        this.deleted = deleted;
        pendingSize = initialSize;
        isStarted = isRecovered;
        streams = new ExecStreams(services.client());
        stdin = file.hasStdin() ? new StdinStream(exit::isDone, file.hasTerminal()) : null;
    }

    /** Begins to await its exit. */
    ExecProcess watched() {
        if (isRecovered && stdin != null) {
            stdin.release();
        }
        services.events().add(this);
        if (isRecovered) {
            check();
        }
        return this;
    }

    @Override
    public String containerId() {
        return containerId;
    }

    @Override
    public String execId() {
        return file.engineId();
    }

    @Override
    public ProcessOutput stdout() {
        return output(FrameHeader.STDOUT);
    }

    @Override
    public Optional<ProcessOutput> stderr() {
        return file.hasTerminal() ? Optional.empty() : Optional.of(output(FrameHeader.STDERR));
    }

    private ProcessOutput output(int number) {
        return isRecovered
                ? new ProcessOutput.Kept(position -> new Lost())
                : new ProcessOutput.Channel(streams.channel(number));
    }

    /** Says that bytes are lost, and ends with the process. */
    private final class Lost implements ReadableByteChannel {
        private final CompletableFuture<Void> closed = new CompletableFuture<>();
        private boolean isTold;

        @Override
        public int read(ByteBuffer target) throws IOException {
            if (!isTold) {
                isTold = true;
                throw new OutputLostException(
                        "%s was attached to an earlier server; the engine keeps no output of execs".formatted(name()));
            }
            CompletableFuture.anyOf(exit, closed).join();
            return -1;
        }

        @Override
        public boolean isOpen() {
            return !closed.isDone();
        }

        @Override
        public void close() {
            closed.complete(null);
        }
    }

    @Override
    public Optional<ProcessInput> stdin() {
        return Optional.ofNullable(stdin);
    }

    @Override
    public void start() {
        Map<String, Object> request = Map.of("Detach", false, "Tty", file.hasTerminal());
        try {
            HttpConnection connection = services.client()
                    .upgrade("/exec/" + file.engineId() + "/start", Json.bytes(request), "start " + name());
            try {
                awaitStart(connection);
                if (stdin != null) {
                    stdin.connect(connection);
                }
            } catch (ContainerRuntimeException | IOException e) {
                services.client().end(connection);
                throw e;
            }
            isStarted = true;
            streams.connect(connection, file.hasTerminal());
            check();
        } catch (IOException e) {
            streams.end();
            throw new ContainerRuntimeException(Code.UNAVAILABLE, "start %s: %s".formatted(name(), e), e);
        } catch (ContainerRuntimeException e) {
            streams.end();
            throw StartFailure.of(String.valueOf(e.getMessage())).orElse(e);
        }
        TerminalSize size;
        synchronized (this) {
            size = pendingSize;
            pendingSize = null;
        }
        if (size != null) {
            resizeIfRunning(size);
        }
    }

    /** The engine switches protocols first and starts then; what goes wrong it writes where the output would come. */
    private void awaitStart(HttpConnection connection) throws IOException {
        long deadlineNanos = System.nanoTime() + EngineClient.LONG.toNanos();
        long pauseMillis = POLL_MILLIS_MIN;
        int looksFailed = 0;
        while (System.nanoTime() - deadlineNanos < 0) {
            JsonNode view = look().json("look up " + name());
            if (view.path("Pid").asLong() != 0) {
                return;
            }
            // Called running before it is started, and for a moment ended before its process id is told.
            looksFailed =
                    view.path("Running").asBoolean() || !FAILURE_CODES.contains(exitCode(view)) ? 0 : looksFailed + 1;
            if (looksFailed == LOOKS_MAX) {
                String words = words(connection);
                throw StartFailure.of(words)
                        .orElseGet(() ->
                                new ContainerRuntimeException(Code.INTERNAL, "start %s: %s".formatted(name(), words)));
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
                "start %s: it did not begin to run within %d s".formatted(name(), EngineClient.LONG.toSeconds()));
    }

    private static int exitCode(JsonNode view) {
        return view.path("ExitCode").asInt(-1);
    }

    private String words(HttpConnection connection) throws IOException {
        if (!file.hasTerminal() && !FrameHeader.read(connection, ByteBuffer.allocate(FrameHeader.BYTES))) {
            return "the engine does not say why";
        }
        byte[] words = Channels.newInputStream(connection).readNBytes(FrameHeader.WORDS_MAX);
        return new String(words, StandardCharsets.UTF_8).strip();
    }

    private Answer look() {
        return services.client().get("/exec/" + file.engineId() + "/json");
    }

    @Override
    public CompletableFuture<ProcessExit> exit() {
        return exit.copy();
    }

    @Override
    public void check() {
        if (exit.isDone() || !isStarted) {
            return;
        }
        Answer answer = look();
        if (answer.status() == Answer.NOT_FOUND) {
            settle(CODE_UNKNOWN, true, Instant.now());
            return;
        }
        JsonNode view = answer.json("look up " + name());
        if (!view.path("Running").asBoolean() && view.path("ExitCode").isIntegralNumber()) {
            long pid = view.path("Pid").asLong();
            if (isRecovered && exitCode(view) == DETACHED && pid != 0) {
                // What Docker 20.10 says of an exec, running or not, whose connection has broken. It never knows
                // better.
                if (!LocalSignal.isHere(pid, containerId)) {
                    settle(CODE_UNKNOWN, true, Instant.now());
                }
                return;
            }
            settle(view.path("ExitCode").asInt() & CODE_MASK, false, Instant.now());
        }
    }

    @Override
    public void ended(int exitCode, Instant at) {
        if (isStarted) {
            settle(exitCode & CODE_MASK, false, at);
        }
    }

    @Override
    public void outOfMemory() {
        isOutOfMemory = true;
    }

    private void settle(int exitCode, boolean isLost, Instant at) {
        services.events().remove(this);
        exit.complete(new ProcessExit(exitCode, isOutOfMemory && exitCode == KILLED, isLost, at));
    }

    @Override
    public Status status() {
        if (exit.isDone()) {
            return Status.EXITED;
        }
        Answer answer = look();
        if (answer.status() == Answer.NOT_FOUND) {
            return Status.EXITED;
        }
        JsonNode view = answer.json("look up " + name());
        if (view.path("Running").asBoolean()) {
            boolean isPaused = Containers.find(services.client(), place)
                    .filter(ContainerView::isPaused)
                    .isPresent();
            return isPaused ? Status.PAUSED : Status.RUNNING;
        }
        return isUnstarted(view) ? Status.CREATED : Status.EXITED;
    }

    /** Made, and never started: an earlier server ended in between. */
    private static boolean isUnstarted(JsonNode view) {
        return view.path("Pid").asLong() == 0 && !view.path("ExitCode").isIntegralNumber();
    }

    @Override
    public long pid() {
        if (exit.isDone() || !isStarted) {
            return 0;
        }
        Answer answer = look();
        JsonNode view = answer.isDone() ? answer.json("look up " + name()) : null;
        return view != null && view.path("Running").asBoolean()
                ? view.path("Pid").asLong()
                : 0;
    }

    @Override
    public void signal(int number) {
        InitCommands.checkSignal(number);
        long pid = pid();
        if (pid == 0) {
            throw notRunning();
        }
        LocalSignal.send(pid, containerId, number, name());
    }

    @Override
    public void resize(TerminalSize size) {
        if (!file.hasTerminal()) {
            throw new ContainerRuntimeException(Code.FAILED_PRECONDITION, "%s has no terminal".formatted(name()));
        }
        synchronized (this) {
            if (!isStarted) {
                pendingSize = size;
                return;
            }
        }
        Answer answer = services.client()
                .post(
                        "/exec/%s/resize?h=%d&w=%d".formatted(file.engineId(), size.rows(), size.columns()),
                        Map.of(),
                        EngineClient.SOON);
        if (!answer.isDone()) {
            throw pid() == 0 ? notRunning() : answer.failure("resize " + name());
        }
    }

    private void resizeIfRunning(TerminalSize size) {
        try {
            resize(size);
        } catch (ContainerRuntimeException e) {
            if (e.code() != Code.FAILED_PRECONDITION) {
                throw e;
            }
        }
    }

    @Override
    public void delete() {
        Status status = isStarted ? status() : Status.CREATED;
        if (List.of(Status.RUNNING, Status.PAUSED).contains(status)) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION, "delete %s: it runs (expected: exited)".formatted(name()));
        }
        detach();
        files.removeExec(id);
        deleted.run();
    }

    /** Ends the connection; what runs goes on. */
    void detach() {
        services.events().remove(this);
        if (stdin != null) {
            stdin.release();
        }
        streams.close();
    }

    private ContainerRuntimeException notRunning() {
        return new ContainerRuntimeException(Code.FAILED_PRECONDITION, "%s does not run".formatted(name()));
    }

    private String name() {
        return "exec " + id + " of " + place;
    }
}
