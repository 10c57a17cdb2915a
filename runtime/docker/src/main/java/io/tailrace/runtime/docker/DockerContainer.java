package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ArchiveSink;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment;
import io.tailrace.runtime.spi.Endpoints;
import io.tailrace.runtime.spi.FileChange;
import io.tailrace.runtime.spi.Listener;
import io.tailrace.runtime.spi.LocalNamespaces;
import io.tailrace.runtime.spi.PathStatus;
import io.tailrace.runtime.spi.ProcessEntry;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.ResourceUsage;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A container that the engine has. Thread-safe; its lock is held while an init process is prepared, so that there is one at
 * most.
 */
final class DockerContainer implements RuntimeContainer {
    private static final Pattern EXEC_ID = Pattern.compile("[a-zA-Z0-9_.-]{1,64}");
    private static final String NEVER = "0001-01-01";

    private final Services services;
    private final Place place;
    private final ContainerFiles files;
    private final ContainerArchive archive;
    private final @Nullable TerminalSize initialSize;
    private final Runnable removed;
    private final Map<String, ExecProcess> execs = new ConcurrentHashMap<>();

    /** Guarded by this. */
    private @Nullable InitProcess init;

    /**
     * A container that is there.
     *
     * @param initialSize of its terminal, if it has one and was made here
     * @param removed told once it is removed
     */
    DockerContainer(Services services, Place place, @Nullable TerminalSize initialSize, Runnable removed) {
        this.services = services;
        this.place = place;
        this.initialSize = initialSize;
        this.removed = removed;
        files = ContainerFiles.of(services.dataDirectory(), place);
        archive = new ContainerArchive(services.client(), place);
    }

    @Override
    public String handle() {
        return place.handle();
    }

    @Override
    public synchronized RuntimeProcess prepare() {
        if (init != null) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION, "%s: it has an init process already".formatted(place));
        }
        ContainerView view = view();
        if (view.isUp()) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION, "%s: somebody else has started it".formatted(place));
        }
        Attachments.release(services.client(), place, view);
        var file = new ContainerFiles.InitFile(view.startedAt(), logPosition(view));
        InitProcess process = process(view, file);
        process.attach();
        try {
            files.writeInit(file);
        } catch (ContainerRuntimeException e) {
            process.detach();
            throw e;
        }
        init = process;
        return process;
    }

    /** Where in the engine's log the next run begins: what an earlier run wrote is older than the engine's time now. */
    private String logPosition(ContainerView view) {
        if (view.startedAt().startsWith(NEVER)) {
            return "";
        }
        String now = services.client()
                .get("/info")
                .json("ask for the engine's time")
                .path("SystemTime")
                .asText();
        Instant time = ContainerView.instant(now);
        return "%d.%09d".formatted(time.getEpochSecond(), time.getNano());
    }

    private InitProcess process(ContainerView view, ContainerFiles.InitFile file) {
        return new InitProcess(services, place, view, files, file, initialSize, this::forgetInit);
    }

    private synchronized void forgetInit() {
        init = null;
    }

    @Override
    public synchronized Optional<RuntimeProcess> process() {
        return Optional.ofNullable(init);
    }

    /** Finds the init process that an earlier server prepared, if there is one. */
    synchronized void recoverProcess(ContainerView view) {
        Optional<ContainerFiles.InitFile> file = files.readInit();
        if (file.isPresent()) {
            InitProcess found = process(view, file.get());
            found.recover(view);
            init = found;
        }
    }

    @Override
    public RuntimeProcess prepareExec(String execId, ProcessSpec spec) {
        checkExecId(execId);
        if (files.readExec(execId).isPresent()) {
            throw new ContainerRuntimeException(
                    Code.ALREADY_EXISTS, "exec id: %s (expected: one that is not in use)".formatted(execId));
        }
        ContainerView view = view();
        if (!view.isRunning() || view.isPaused()) {
            throw notRunning();
        }
        Answer answer =
                services.client().post(place.path("/exec"), ContainerRequest.exec(spec, view), EngineClient.SOON);
        if (answer.status() == Answer.CONFLICT || answer.status() == Answer.NOT_FOUND) {
            throw notRunning();
        }
        String engineId =
                answer.json("exec %s in %s".formatted(execId, place)).path("Id").asText();
        var file = new ContainerFiles.ExecFile(engineId, spec.terminal() != null, spec.hasStdin());
        files.writeExec(execId, file);
        ExecProcess exec = exec(execId, view.id(), file, spec.terminal(), false);
        execs.put(execId, exec);
        return exec;
    }

    private ExecProcess exec(
            String execId,
            String containerId,
            ContainerFiles.ExecFile file,
            @Nullable TerminalSize size,
            boolean isRecovered) {
        return new ExecProcess(
                        services,
                        place,
                        containerId,
                        execId,
                        files,
                        file,
                        size,
                        isRecovered,
                        () -> execs.remove(execId))
                .watched();
    }

    private static void checkExecId(String execId) {
        if (!EXEC_ID.matcher(execId).matches()) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "exec id: %s (expected: %s)".formatted(execId, EXEC_ID));
        }
    }

    @Override
    public Optional<RuntimeProcess> recoverExec(String execId) {
        checkExecId(execId);
        ExecProcess known = execs.get(execId);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<ContainerFiles.ExecFile> file = files.readExec(execId);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        String containerId = view().id();
        return Optional.of(execs.computeIfAbsent(execId, absent -> exec(execId, containerId, file.get(), null, true)));
    }

    @Override
    public Endpoints endpoints() {
        Optional<ContainerView> view = Containers.find(services.client(), place);
        return view.filter(ContainerView::isUp).map(Ports::endpoints).orElse(Endpoints.NONE);
    }

    @Override
    public ByteChannel connect(Listener listener, Duration timeout) throws IOException {
        ContainerView view = view();
        long pid = view.spec().path("State").path("Pid").asLong();
        if (!view.isUp() || pid == 0) {
            throw notRunning();
        }
        if (!LocalSignal.isHere(pid, view.id())) {
            throw new ContainerRuntimeException(
                    Code.UNSUPPORTED,
                    "connect to %s: its process %d is not on this machine (expected: an engine on this machine)"
                            .formatted(place, pid));
        }
        return LocalNamespaces.connect(pid, listener, timeout);
    }

    @Override
    public void pause() {
        change("/pause", "pause");
    }

    @Override
    public void resume() {
        change("/unpause", "resume");
    }

    private void change(String path, String action) {
        Answer answer = services.client().post(place.path(path), Map.of(), EngineClient.LONG);
        if (!answer.isDone()) {
            throw view().isUp() ? answer.failure(action + " " + place) : notRunning();
        }
    }

    @Override
    public void update(Limits limits) {
        new LimitsUpdate(services.client(), place, view()).to(limits);
    }

    @Override
    public synchronized void updateNames(List<NetworkAttachment> networks) {
        Attachments.rename(services.client(), place, view(), networks);
    }

    @Override
    public ResourceUsage usage() {
        ContainerView view = view();
        if (!view.isUp()) {
            throw notRunning();
        }
        return Usage.of(
                services.client()
                        .get(place.path("/stats?stream=false&one-shot=true"))
                        .json("read the usage of " + place),
                view.spec().path("HostConfig").path("Memory").asLong());
    }

    @Override
    public PathStatus stat(String path) {
        return archive.stat(path);
    }

    @Override
    public void readFiles(String path, ArchiveSink sink) {
        archive.read(path, sink);
    }

    @Override
    public void writeFiles(String directory, InputStream source, boolean mayReplace) {
        archive.write(directory, source, mayReplace);
    }

    @Override
    public List<ProcessEntry> processes() {
        Answer answer = services.client().get(place.path(ContainerProcesses.path()));
        if (!answer.isDone() && !view().isUp()) {
            throw notRunning();
        }
        return ContainerProcesses.of(answer.json("list the processes of " + place), place);
    }

    @Override
    public List<FileChange> changes() {
        JsonNode changes = services.client().measure(place.path("/changes")).json("list the changes of " + place);
        return ContainerChanges.of(changes, place);
    }

    @Override
    public long writtenBytes() {
        return services.client()
                .measure(place.path("/json?size=true"))
                .json("measure " + place)
                .path("SizeRw")
                .asLong();
    }

    @Override
    public synchronized void remove() {
        if (init != null) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION, "remove %s: it has an init process (expected: deleted)".formatted(place));
        }
        execs.values().forEach(ExecProcess::detach);
        Answer answer = services.client().delete(place.path("?v=true&force=true"));
        if (answer.status() != Answer.NOT_FOUND && !answer.isDone()) {
            throw answer.failure("remove " + place);
        }
        files.remove();
        removed.run();
    }

    /** For a runtime that is closed: what runs goes on. */
    synchronized void detach() {
        if (init != null) {
            init.detach();
        }
        execs.values().forEach(ExecProcess::detach);
    }

    private ContainerView view() {
        return Containers.find(services.client(), place).orElseThrow(() -> Place.absent(place));
    }

    private ContainerRuntimeException notRunning() {
        return new ContainerRuntimeException(Code.FAILED_PRECONDITION, "%s does not run".formatted(place));
    }
}
