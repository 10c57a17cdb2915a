package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.ProcessInput;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.RuntimeProcess;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One run of a container. What the engine knows is asked of it; kept here are the connections. Thread-safe. */
final class InitProcess implements RuntimeProcess, Watched {
    private static final int CODE_UNKNOWN = 255;
    private static final int CODE_MASK = 0xff;

    private final Services services;
    private final Place place;
    private final InitCommands commands;
    private final String containerId;
    private final ContainerFiles files;
    private final ContainerFiles.InitFile file;
    private final boolean hasTerminal;
    private final @Nullable TerminalSize initialSize;
    private final RunOutput stdout;
    private final @Nullable RunOutput stderr;
    private final @Nullable StdinStream stdin;
    private final CompletableFuture<ProcessExit> exit = new CompletableFuture<>();
    private final Runnable deleted;
    private volatile @Nullable HttpConnection stdinConnection;

    /**
     * A run that is prepared, now or by an earlier server.
     *
     * @param found the container, before the run or in it
     * @param initialSize of its terminal, where it is to be set at the start
     * @param deleted told once it is deleted
     */
    InitProcess(
            Services services,
            Place place,
            ContainerView found,
            ContainerFiles files,
            ContainerFiles.InitFile file,
            @Nullable TerminalSize initialSize,
            Runnable deleted) {
        this.services = services;
        this.place = place;
        this.files = files;
        this.file = file;
        this.initialSize = initialSize;
        this.deleted = deleted;
        containerId = found.id();
        hasTerminal = found.hasTerminal();
        EngineClient client = services.client();
        commands = new InitCommands(client, place, Ports.bindings(found), exit);
        var log = new EngineLog(services, place, containerId, file.since(), exit::isDone);
        var outlook = new LogFile.Outlook(this::isOver, services.events()::breaks);
        stdout = new RunOutput(client, place, "stdout", hasTerminal, log, outlook);
        stderr = hasTerminal ? null : new RunOutput(client, place, "stderr", false, log, outlook);
        stdin = found.hasStdin() ? new StdinStream(exit::isDone, hasTerminal) : null;
    }

    /** Attaches to what is about to be started. @throws ContainerRuntimeException with nothing left open */
    void attach() {
        try {
            stdout.attach();
            if (stderr != null) {
                stderr.attach();
            }
            attachStdin();
        } catch (ContainerRuntimeException e) {
            detach();
            throw e;
        }
        services.events().add(this);
    }

    /** Goes on with one that an earlier server has prepared. */
    void recover(ContainerView found) {
        if (stdin != null && found.isUp()) {
            if (hasTerminal) {
                attachStdin();
            } else {
                stdin.release(); // the engine closed it when its only client, the earlier server, went
            }
        }
        services.events().add(this);
        check();
    }

    private void attachStdin() {
        if (stdin == null) {
            return;
        }
        HttpConnection connection =
                services.client().upgrade(place.path("/attach?stream=1&stdin=1"), "attach stdin of " + place);
        stdinConnection = connection;
        try {
            stdin.connect(connection);
        } catch (IOException e) {
            throw new ContainerRuntimeException(Code.INTERNAL, "attach stdin of %s: %s".formatted(place, e), e);
        }
    }

    @Override
    public String containerId() {
        return containerId;
    }

    @Override
    public String execId() {
        return "";
    }

    @Override
    public ProcessOutput stdout() {
        return new ProcessOutput.Kept(stdout);
    }

    @Override
    public Optional<ProcessOutput> stderr() {
        return Optional.ofNullable(stderr).map(ProcessOutput.Kept::new);
    }

    @Override
    public Optional<ProcessInput> stdin() {
        return Optional.ofNullable(stdin);
    }

    @Override
    public void start() {
        commands.start(this::status);
        if (initialSize != null) {
            try {
                resize(initialSize);
            } catch (ContainerRuntimeException e) {
                if (e.code() != Code.FAILED_PRECONDITION) {
                    throw e; // it has ended already
                }
            }
        }
    }

    @Override
    public CompletableFuture<ProcessExit> exit() {
        return exit.copy();
    }

    private boolean isStarted(ContainerView view) {
        return view.isUp() || !view.startedAt().equals(file.startedBefore());
    }

    /** Whether it is known, or said by the engine now, that it has ended. */
    private boolean isOver() {
        if (!exit.isDone()) {
            try {
                check();
            } catch (ContainerRuntimeException e) {
                return false;
            }
        }
        return exit.isDone();
    }

    @Override
    public void check() {
        if (exit.isDone()) {
            return;
        }
        Optional<ContainerView> found = commands.found();
        if (found.isEmpty() || !found.get().id().equals(containerId)) {
            settle(new ProcessExit(CODE_UNKNOWN, false, true, Instant.now()));
        } else if (found.get().isOver() && isStarted(found.get())) {
            ContainerView view = found.get();
            settle(new ProcessExit(view.exitCode() & CODE_MASK, view.isOutOfMemory(), false, view.finishedAt()));
        }
    }

    private void settle(ProcessExit how) {
        services.events().remove(this);
        exit.complete(how);
    }

    @Override
    public void ended(int exitCode, Instant at) {
        check();
    }

    @Override
    public void outOfMemory() {
        // The container says so itself when it has ended.
    }

    @Override
    public Status status() {
        Optional<ContainerView> found = commands.found();
        if (found.isEmpty()) {
            return Status.EXITED;
        }
        ContainerView view = found.get();
        if (view.isPaused()) {
            return Status.PAUSED;
        }
        if (view.isRunning()) {
            return Status.RUNNING;
        }
        return isStarted(view) ? Status.EXITED : Status.CREATED;
    }

    @Override
    public long pid() {
        return commands.pid();
    }

    @Override
    public void signal(int number) {
        commands.signal(number);
    }

    @Override
    public void resize(TerminalSize size) {
        commands.resize(size, hasTerminal);
    }

    @Override
    public void delete() {
        commands.checkOver(status());
        detach();
        files.removeInit();
        deleted.run();
    }

    /** Ends the connections; what runs goes on. */
    void detach() {
        services.events().remove(this);
        stdout.close();
        if (stderr != null) {
            stderr.close();
        }
        if (stdin != null) {
            stdin.release();
        }
        HttpConnection connection = stdinConnection;
        if (connection != null) {
            services.client().end(connection);
        }
    }
}
