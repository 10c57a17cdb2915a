package io.tailrace.runtime.conformance;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntime;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ForeignContainer;
import io.tailrace.runtime.spi.ForeignContainers;
import io.tailrace.runtime.spi.Images;
import io.tailrace.runtime.spi.Networks;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeInfo;
import io.tailrace.runtime.spi.Volumes;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * A runtime whose processes are scripts: {@link Scripts} lists the commands that every image has, and tests add their
 * own with {@link ScriptedMachine#script}. Every image is present that is named {@code scripted} or {@code busybox};
 * others can be pulled. Thread-safe.
 */
public final class ScriptedRuntime implements ContainerRuntime {
    private static final String HANDLE_PREFIX = "scripted/1/";

    private final ScriptedMachine machine;
    private final boolean isFollowing;
    private final Set<ProcessView> views = ConcurrentHashMap.newKeySet();
    private volatile boolean isClosed;

    private ScriptedRuntime(ScriptedMachine machine, boolean isFollowing) {
        this.machine = machine;
        this.isFollowing = isFollowing;
    }

    /** A new machine whose processes write to pipes in memory. */
    public static ScriptedRuntime open() {
        return new ScriptedRuntime(new ScriptedMachine(null), false);
    }

    /** A new machine whose processes write to named pipes in a directory. */
    public static ScriptedRuntime openWithFifos(Path directory) {
        return new ScriptedRuntime(new ScriptedMachine(directory), false);
    }

    /** Another runtime for the same machine, as a restarted server opens it. */
    public ScriptedRuntime reopen() {
        return reopen(isFollowing);
    }

    /** As {@link #reopen()}. @param shallFollow whether to show what {@link ScriptedMachine#others} make */
    public ScriptedRuntime reopen(boolean shallFollow) {
        return new ScriptedRuntime(machine, shallFollow);
    }

    /** The machine behind it. */
    public ScriptedMachine machine() {
        return machine;
    }

    @Override
    public RuntimeInfo info() {
        return new RuntimeInfo("scripted", "1", "this process", EnumSet.allOf(Capability.class));
    }

    @Override
    public Images images() {
        return machine.images();
    }

    @Override
    public Volumes volumes() {
        return machine.volumes();
    }

    @Override
    public Networks networks() {
        checkOpen();
        return machine.networks();
    }

    @Override
    public RuntimeContainer create(ContainerSpec spec) {
        checkOpen();
        machine.entering(ScriptedMachine.Call.CREATE);
        return new ContainerView(this, machine.create(spec));
    }

    @Override
    public RuntimeContainer recover(String handle) {
        checkOpen();
        machine.entering(ScriptedMachine.Call.RECOVER);
        if (!handle.startsWith(HANDLE_PREFIX)) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "handle: %s (expected: %s...)".formatted(handle, HANDLE_PREFIX));
        }
        ScriptedContainer container = machine.container(handle.substring(HANDLE_PREFIX.length()));
        if (container.isForeign() && !isFollowing) {
            container.forgetRun();
            throw new ContainerRuntimeException(
                    Code.NOT_FOUND, "handle: %s (expected: of one that was made here)".formatted(handle));
        }
        return new ContainerView(this, container);
    }

    @Override
    public List<String> handles() {
        checkOpen();
        return machine.containerIds().stream()
                .filter(id ->
                        machine.present(id).filter(found -> !found.isForeign()).isPresent())
                .map(ScriptedRuntime::handleOf)
                .toList();
    }

    @Override
    public Optional<ForeignContainers> foreign() {
        return isFollowing ? Optional.of(new Foreign()) : Optional.empty();
    }

    private final class Foreign implements ForeignContainers {
        @Override
        public List<String> running() {
            checkOpen();
            return machine.others().running();
        }

        @Override
        public Optional<ForeignContainer> look(String id) {
            checkOpen();
            return machine.others().look(id);
        }

        @Override
        public void listen(Consumer<String> listener) {
            checkOpen();
            machine.others().listen(listener);
        }
    }

    @Override
    public void close() {
        isClosed = true;
        if (isFollowing) {
            machine.others().listenNoMore();
        }
        views.forEach(ProcessView::disconnect);
        views.clear();
    }

    static String handleOf(String containerId) {
        return HANDLE_PREFIX + containerId;
    }

    void entering(ScriptedMachine.Call call) {
        checkOpen();
        machine.entering(call);
    }

    void checkOpen() {
        if (isClosed) {
            throw new ContainerRuntimeException(Code.UNAVAILABLE, "the runtime is closed");
        }
    }

    ProcessView view(ScriptedContainer container, ScriptedProcess process) {
        ProcessView view = new ProcessView(this, container, process);
        views.add(view);
        return view;
    }

    void forget(ProcessView view) {
        views.remove(view);
    }
}
