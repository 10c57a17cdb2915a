package io.tailrace.runtime.conformance;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.Listener;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.ResourceUsage;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A container of the scripted machine; outlives the runtimes that reach it. Thread-safe. */
final class ScriptedContainer {
    private static final long MEMORY_BYTES = 1 << 20;

    private final ScriptedMachine machine;
    private final ContainerSpec spec;
    private final boolean isForeign;
    private final ScriptedFiles files = new ScriptedFiles();
    private final ScriptedTree tree = new ScriptedTree();
    private volatile Function<Instant, ResourceUsage> usage = this::quarter;

    @GuardedBy("this") private ContainerSpec.Limits limits;

    @GuardedBy("this") private @Nullable ScriptedProcess init;

    /** The run that others have begun, if it was not handed over. */
    @GuardedBy("this") private @Nullable ScriptedProcess begun;

    /** Whether somebody looked on when it was begun. */
    @GuardedBy("this") private boolean isBegunSeen;

    @GuardedBy("this") private boolean wasHandedOver;

    @GuardedBy("this") private final Map<String, ScriptedProcess> execs = new HashMap<>();

    @GuardedBy("this") private boolean isGone;

    private final Map<Listener, SocketAddress> listeners = new ConcurrentHashMap<>();

    /** @param isForeign whether it is not made through a runtime */
    ScriptedContainer(ScriptedMachine machine, ContainerSpec spec, boolean isForeign) {
        this.machine = machine;
        this.spec = spec;
        this.isForeign = isForeign;
        limits = spec.limits();
    }

    ContainerSpec spec() {
        return spec;
    }

    boolean isForeign() {
        return isForeign;
    }

    ScriptedFiles files() {
        return files;
    }

    ScriptedTree tree() {
        return tree;
    }

    /** Those that run. */
    synchronized List<ScriptedProcess> processes() {
        List<ScriptedProcess> all = new ArrayList<>(execs.values());
        if (init != null) {
            all.add(init);
        }
        all.removeIf(process -> !process.isUp());
        return all;
    }

    synchronized ContainerSpec.Limits limits() {
        return limits;
    }

    synchronized void update(ContainerSpec.Limits newLimits) {
        limits = newLimits;
    }

    void usage(Function<Instant, ResourceUsage> newUsage) {
        usage = newUsage;
    }

    ResourceUsage usage(Instant at) {
        return usage.apply(at);
    }

    /** A quarter of a processor, since the epoch: a figure that tests can foretell. */
    private ResourceUsage quarter(Instant at) {
        long cpuNanos = Math.addExact(at.getEpochSecond() * 1_000_000_000L, at.getNano()) / 4;
        return new ResourceUsage(at, cpuNanos, MEMORY_BYTES, limits().memoryBytes(), 1, 0, 0, 0, 0);
    }

    synchronized @Nullable ScriptedProcess process() {
        return init;
    }

    synchronized @Nullable ScriptedProcess exec(String id) {
        return execs.get(id);
    }

    synchronized ScriptedProcess prepare() {
        checkPresent();
        if (begun != null) {
            return prepareBegun();
        }
        if (init != null) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION, "container %s has an init process already".formatted(spec.id()));
        }
        init = newRun();
        wasHandedOver = true;
        return init;
    }

    private ScriptedProcess newRun() {
        return machine.newProcess(spec.id(), spec, spec.process(), isForeign);
    }

    /** Hands over the run that others have begun. */
    synchronized ScriptedProcess prepareBegun() {
        checkPresent();
        ScriptedProcess run = begun;
        if (init != null || run == null) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION, "no run of container %s has begun (expected: one)".formatted(spec.id()));
        }
        init = run;
        begun = null;
        wasHandedOver = true;
        return run;
    }

    /** Others start it. @param isSeen whether somebody looks on */
    void begin(boolean isSeen) {
        ScriptedProcess run;
        synchronized (this) {
            checkPresent();
            ScriptedProcess last = latest();
            if (last != null && last.isUp()) {
                throw new ContainerRuntimeException(
                        Code.FAILED_PRECONDITION, "container %s runs (expected: exited)".formatted(spec.id()));
            }
            if (last != null && last.status() == RuntimeProcess.Status.CREATED) {
                run = last; // of a runtime that is about to start it
            } else {
                run = newRun();
                begun = run;
                isBegunSeen = isSeen || wasHandedOver;
            }
        }
        run.start();
    }

    /** The process of the newest run, whoever began it. */
    synchronized @Nullable ScriptedProcess latest() {
        return begun != null ? begun : init;
    }

    /** Whether others have begun a run that is to be handed over. */
    synchronized boolean hasNewRun() {
        return begun != null && (begun.isUp() || isBegunSeen);
    }

    /** What runs is to be handed over anew, if it ever is. */
    synchronized void forgetRun() {
        if (init != null && begun == null) {
            begun = init;
        }
        init = null;
        isBegunSeen = false;
        wasHandedOver = false;
    }

    /** Others remove it. The output of what was handed over stays until it is deleted. */
    void removeByOthers() {
        ScriptedProcess last = latest();
        if (last != null) {
            last.kill(9);
        }
        synchronized (this) {
            isGone = true;
        }
        machine.remove(this);
    }

    synchronized ScriptedProcess prepareExec(String id, ProcessSpec process) {
        checkPresent();
        if (init == null || init.status() != RuntimeProcess.Status.RUNNING) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION, "container %s does not run".formatted(spec.id()));
        }
        if (execs.containsKey(id)) {
            throw new ContainerRuntimeException(
                    Code.ALREADY_EXISTS, "exec id: %s (expected: one that is not taken)".formatted(id));
        }
        ScriptedProcess exec = machine.newProcess(spec.id() + "-" + id, spec, process, false);
        execs.put(id, exec);
        return exec;
    }

    @GuardedBy("this") private void checkPresent() {
        if (isGone) {
            throw new ContainerRuntimeException(
                    Code.NOT_FOUND, "container: %s (expected: one that exists)".formatted(spec.id()));
        }
    }

    /** A process that was started when the init process had ended is ended with it. */
    void endIfOrphaned(ScriptedProcess process) {
        boolean isOrphaned;
        synchronized (this) {
            isOrphaned = init != process && (init == null || !init.isUp());
        }
        if (isOrphaned) {
            process.kill(9);
        }
    }

    /** Something of this machine is what listens inside from now on. */
    void listen(Listener listener, SocketAddress address) {
        listeners.put(listener, address);
    }

    ByteChannel connect(Listener listener) throws IOException {
        SocketAddress address = listeners.get(listener);
        if (address == null) {
            throw new ConnectException("connection refused");
        }
        return SocketChannel.open(address);
    }

    void delete(ScriptedProcess process) {
        if (process.isUp()) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION, "a process of container %s still runs".formatted(spec.id()));
        }
        synchronized (this) {
            if (init == process) {
                init = null;
            }
            execs.values().remove(process);
        }
        process.destroy();
    }

    void killExecs() {
        List<ScriptedProcess> running;
        synchronized (this) {
            running = new ArrayList<>(execs.values());
        }
        running.forEach(exec -> exec.kill(9));
    }

    void remove() {
        synchronized (this) {
            if (init != null) {
                throw new ContainerRuntimeException(
                        Code.FAILED_PRECONDITION, "container %s still has its init process".formatted(spec.id()));
            }
        }
        destroy();
        machine.remove(this);
    }

    void destroy() {
        List<ScriptedProcess> all;
        synchronized (this) {
            all = new ArrayList<>(execs.values());
            if (init != null) {
                all.add(init);
            }
            if (begun != null) {
                all.add(begun);
            }
            execs.clear();
            isGone = true;
        }
        for (ScriptedProcess process : all) {
            process.lose();
            process.destroy();
        }
    }
}
