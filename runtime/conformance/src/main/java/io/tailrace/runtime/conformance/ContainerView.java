package io.tailrace.runtime.conformance;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.runtime.spi.ArchiveSink;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.Endpoints;
import io.tailrace.runtime.spi.FileChange;
import io.tailrace.runtime.spi.Listener;
import io.tailrace.runtime.spi.PathStatus;
import io.tailrace.runtime.spi.ProcessEntry;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.ResourceUsage;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A scripted container as one runtime sees it. Thread-safe. */
final class ContainerView implements RuntimeContainer {
    /** What every scripted process is said to take. */
    private static final long MEMORY_BYTES = 1 << 20;

    private final ScriptedRuntime runtime;
    private final ScriptedContainer container;

    @GuardedBy("this") private final Map<ScriptedProcess, ProcessView> views = new HashMap<>();

    ContainerView(ScriptedRuntime runtime, ScriptedContainer container) {
        this.runtime = runtime;
        this.container = container;
    }

    @Override
    public String handle() {
        return ScriptedRuntime.handleOf(container.spec().id());
    }

    @Override
    public RuntimeProcess prepare() {
        runtime.entering(ScriptedMachine.Call.PREPARE);
        return view(container.prepare());
    }

    @Override
    public RuntimeProcess prepareBegun() {
        if (!container.isForeign()) {
            return RuntimeContainer.super.prepareBegun();
        }
        runtime.entering(ScriptedMachine.Call.PREPARE);
        return view(container.prepareBegun());
    }

    @Override
    public Optional<RuntimeProcess> process() {
        runtime.checkOpen();
        return Optional.ofNullable(container.process()).map(this::view);
    }

    @Override
    public RuntimeProcess prepareExec(String id, ProcessSpec spec) {
        runtime.entering(ScriptedMachine.Call.PREPARE);
        return view(container.prepareExec(id, spec));
    }

    @Override
    public Optional<RuntimeProcess> recoverExec(String id) {
        runtime.checkOpen();
        return Optional.ofNullable(container.exec(id)).map(this::view);
    }

    private synchronized RuntimeProcess view(ScriptedProcess process) {
        return views.computeIfAbsent(process, added -> runtime.view(container, added));
    }

    /** Nothing scripted speaks to a network: there are addresses, and no ports. */
    @Override
    public Endpoints endpoints() {
        runtime.checkOpen();
        List<ContainerSpec.NetworkAttachment> networks =
                runtime.machine().networks().of(container.spec().id());
        return networks.isEmpty()
                ? Endpoints.NONE
                : new Endpoints(networks.getFirst().address(), List.of(), networks);
    }

    @Override
    public void updateNames(List<ContainerSpec.NetworkAttachment> networks) {
        runtime.entering(ScriptedMachine.Call.UPDATE_NAMES);
        runtime.machine().networks().rename(container.spec().id(), networks);
    }

    @Override
    public ByteChannel connect(Listener listener, Duration timeout) throws IOException {
        runtime.checkOpen();
        if (!init().isUp()) {
            throw init().notRunning();
        }
        return container.connect(listener);
    }

    @Override
    public void pause() {
        runtime.entering(ScriptedMachine.Call.PAUSE);
        init().pause();
        runtime.machine().changed(container);
    }

    @Override
    public void resume() {
        runtime.entering(ScriptedMachine.Call.PAUSE);
        init().resume();
        runtime.machine().changed(container);
    }

    @Override
    public void update(ContainerSpec.Limits limits) {
        runtime.entering(ScriptedMachine.Call.UPDATE);
        container.update(limits);
    }

    @Override
    public ResourceUsage usage() {
        runtime.entering(ScriptedMachine.Call.USAGE);
        ScriptedProcess process = init();
        if (!process.isUp()) {
            throw process.notRunning();
        }
        return container.usage(runtime.machine().now());
    }

    @Override
    public PathStatus stat(String path) {
        runtime.checkOpen();
        return present().tree().stat(path);
    }

    @Override
    public void readFiles(String path, ArchiveSink sink) {
        runtime.checkOpen();
        present().tree().read(path, sink);
    }

    @Override
    public void writeFiles(String directory, InputStream archive, boolean mayReplace) {
        runtime.checkOpen();
        present().tree().write(directory, archive, mayReplace);
    }

    @Override
    public List<ProcessEntry> processes() {
        runtime.checkOpen();
        ScriptedProcess first = init();
        if (!first.isUp()) {
            throw first.notRunning();
        }
        return container.processes().stream()
                .map(process -> new ProcessEntry(
                        process.pid(),
                        process == first ? 0 : first.pid(),
                        0,
                        process.startedAt(),
                        0,
                        MEMORY_BYTES,
                        process.arguments()))
                .toList();
    }

    @Override
    public List<FileChange> changes() {
        runtime.checkOpen();
        return present().files().changes();
    }

    /** @throws ContainerRuntimeException NOT_FOUND if it was removed */
    private ScriptedContainer present() {
        return runtime.machine().container(container.spec().id());
    }

    @Override
    public long writtenBytes() {
        runtime.checkOpen();
        return present().files().bytes();
    }

    private ScriptedProcess init() {
        @Nullable ScriptedProcess process = container.process();
        if (process == null) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION,
                    "container %s has no init process"
                            .formatted(container.spec().id()));
        }
        return process;
    }

    @Override
    public void remove() {
        runtime.entering(ScriptedMachine.Call.REMOVE);
        container.remove();
    }
}
