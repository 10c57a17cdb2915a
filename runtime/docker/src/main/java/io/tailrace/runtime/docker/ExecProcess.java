package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.ProcessInput;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.RuntimeProcess;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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

    private final Services services;
    private final Place place;
    private final String containerId;
    private final String id;
    private final ContainerFiles files;
    private final ContainerFiles.ExecFile file;
    private final ExecCommands commands;
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
        commands =
                new ExecCommands(services.client(), file.engineId(), file.hasTerminal(), "exec " + id + " of " + place);
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
                ? new ProcessOutput.Kept(position -> new LostOutput(
                        "%s was attached to an earlier server; the engine keeps no output of execs".formatted(name()),
                        exit))
                : new ProcessOutput.Channel(streams.channel(number));
    }

    @Override
    public Optional<ProcessInput> stdin() {
        return Optional.ofNullable(stdin);
    }

    @Override
    public void start() {
        try {
            HttpConnection connection = commands.start();
            try {
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

    @Override
    public CompletableFuture<ProcessExit> exit() {
        return exit.copy();
    }

    @Override
    public void check() {
        if (exit.isDone() || !isStarted) {
            return;
        }
        Answer answer = commands.look();
        if (answer.status() == Answer.NOT_FOUND) {
            settle(CODE_UNKNOWN, true, Instant.now());
            return;
        }
        JsonNode view = answer.json("look up " + name());
        if (commands.isOver(view)) {
            long pid = view.path("Pid").asLong();
            if (isRecovered && ExecCommands.exitCode(view) == DETACHED && pid != 0) {
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
        Answer answer = commands.look();
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
    private boolean isUnstarted(JsonNode view) {
        return view.path("Pid").asLong() == 0 && !commands.isOver(view);
    }

    @Override
    public long pid() {
        return exit.isDone() || !isStarted ? 0 : commands.pid();
    }

    @Override
    public void signal(int number) {
        InitCommands.checkSignal(number);
        long pid = pid();
        if (pid == 0) {
            throw commands.notRunning();
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
        commands.resize(size, exit::isDone);
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

    private String name() {
        return commands.name();
    }
}
