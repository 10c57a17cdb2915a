package io.tailrace.runtime.conformance;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntime;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.Images;
import io.tailrace.runtime.spi.Networks;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeInfo;
import io.tailrace.runtime.spi.Volumes;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A runtime whose processes are scripts: {@link Scripts} lists the commands that every image has, and tests add their
 * own with {@link ScriptedMachine#script}. Every image is present that is named {@code scripted} or {@code busybox};
 * others can be pulled. Thread-safe.
 */
public final class ScriptedRuntime implements ContainerRuntime {
    private static final String HANDLE_PREFIX = "scripted/1/";

    private final ScriptedMachine machine;
    private final Set<ProcessView> views = ConcurrentHashMap.newKeySet();
    private volatile boolean isClosed;

    private ScriptedRuntime(ScriptedMachine machine) {
        this.machine = machine;
    }

    /** A new machine whose processes write to pipes in memory. */
    public static ScriptedRuntime open() {
        return new ScriptedRuntime(new ScriptedMachine(null));
    }

    /** A new machine whose processes write to named pipes in a directory. */
    public static ScriptedRuntime openWithFifos(Path directory) {
        return new ScriptedRuntime(new ScriptedMachine(directory));
    }

    /** Another runtime for the same machine, as a restarted server opens it. */
    public ScriptedRuntime reopen() {
        return new ScriptedRuntime(machine);
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
        return new ContainerView(this, machine.container(handle.substring(HANDLE_PREFIX.length())));
    }

    @Override
    public List<String> handles() {
        checkOpen();
        return machine.containerIds().stream().map(ScriptedRuntime::handleOf).toList();
    }

    @Override
    public void close() {
        isClosed = true;
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
