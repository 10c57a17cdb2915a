package io.tailrace.runtime.conformance;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.Image;
import io.tailrace.runtime.spi.Listener;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.ResourceUsage;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The machine behind {@link ScriptedRuntime}s: its containers and processes live on when a runtime is closed, as real
 * ones do. Tests steer it: they add scripts, reach into running processes, and let calls fail. Thread-safe.
 */
public final class ScriptedMachine {
    /** The calls that a test can let fail or hold up. */
    public enum Call {
        /** {@code ContainerRuntime.create}. */
        CREATE,
        /** {@code ContainerRuntime.recover}. */
        RECOVER,
        /** {@code RuntimeContainer.prepare}, {@code prepareBegun} and {@code prepareExec}. */
        PREPARE,
        /** {@code RuntimeProcess.start}, unless others have begun it. */
        START,
        /** {@code RuntimeProcess.signal}. */
        SIGNAL,
        /** {@code RuntimeContainer.pause} and {@code resume}. */
        PAUSE,
        /** {@code RuntimeContainer.update}. */
        UPDATE,
        /** {@code RuntimeContainer.updateNames}. */
        UPDATE_NAMES,
        /** {@code RuntimeProcess.delete}. */
        DELETE,
        /** {@code RuntimeContainer.remove}. */
        REMOVE,
        /** {@code RuntimeContainer.usage}. */
        USAGE,
        /** {@code Volumes.create}. */
        CREATE_VOLUME,
        /** {@code Volumes.remove}. */
        REMOVE_VOLUME
    }

    private final @Nullable Path fifoDirectory;
    private final ScriptedImages images = new ScriptedImages();
    private final ScriptedVolumes volumes = new ScriptedVolumes(this);
    private final ScriptedNetworks networks = new ScriptedNetworks(Clock.systemUTC());
    private final ScriptedOthers others = new ScriptedOthers(this);
    private final Map<String, Script> scripts = new ConcurrentHashMap<>(Scripts.builtIn());
    private final Map<String, ScriptedContainer> containers = new ConcurrentHashMap<>();
    private final Map<Call, Runnable> before = new ConcurrentHashMap<>();
    private final Set<String> notExecutable = ConcurrentHashMap.newKeySet();
    private final AtomicLong pids = new AtomicLong(1000);
    private volatile Clock clock = Clock.systemUTC();

    ScriptedMachine(@Nullable Path fifoDirectory) {
        this.fifoDirectory = fifoDirectory;
        notExecutable.add("/etc/passwd");
    }

    /** Lets processes whose command has this name run this script. */
    public ScriptedMachine script(String command, Script script) {
        scripts.put(command, script);
        return this;
    }

    /** Adds an image. */
    public ScriptedMachine image(String reference, Image.Config config) {
        images.add(reference, config);
        return this;
    }

    /** Lets something that listens on this machine be what listens in a container. */
    public void listen(String containerId, Listener listener, SocketAddress address) {
        container(containerId).listen(listener, address);
    }

    /** Sets what tells the time of exits. */
    public ScriptedMachine clock(Clock newClock) {
        clock = newClock;
        return this;
    }

    /** Sets what a container uses at a time, in place of a quarter of a processor and 1 MiB. */
    public void usage(String containerId, Function<Instant, ResourceUsage> usage) {
        container(containerId).usage(usage);
    }

    Instant now() {
        return clock.instant();
    }

    /**
     * The init process of a container's newest run.
     *
     * @throws ContainerRuntimeException NOT_FOUND if there is no such container or it was never prepared
     */
    public ScriptedProcess process(String containerId) {
        ScriptedProcess process = container(containerId).process();
        if (process == null) {
            throw new ContainerRuntimeException(
                    Code.NOT_FOUND, "container %s has no init process".formatted(containerId));
        }
        return process;
    }

    /**
     * An exec process.
     *
     * @throws ContainerRuntimeException NOT_FOUND if there is none
     */
    public ScriptedProcess exec(String containerId, String execId) {
        ScriptedProcess process = container(containerId).exec(execId);
        if (process == null) {
            throw new ContainerRuntimeException(
                    Code.NOT_FOUND, "container %s has no exec %s".formatted(containerId, execId));
        }
        return process;
    }

    /** The ids of all containers. */
    public List<String> containerIds() {
        return List.copyOf(containers.keySet());
    }

    /** Runs something right before the next call of a kind; what it throws is the call's failure. */
    public void beforeNext(Call call, Runnable action) {
        before.put(call, action);
    }

    /** Lets the next call of a kind fail. */
    public void failNext(Call call, Code code) {
        beforeNext(call, () -> {
            throw new ContainerRuntimeException(code, "scripted failure of " + call);
        });
    }

    /** Loses a container with all its processes, as a reboot does. */
    public void lose(String containerId) {
        ScriptedContainer container = containers.remove(containerId);
        if (container != null) {
            container.destroy();
            networks.detach(containerId);
        }
    }

    /** Lets a volume take so much on disk. */
    public void fillVolume(String name, long bytes) {
        volumes.setSize(name, bytes);
    }

    /** Lets an image's containers have volumes at these paths. */
    public void imageVolumes(String reference, List<String> paths) {
        images.setVolumes(reference, paths);
    }

    /** Who uses the machine past the runtimes. */
    public ScriptedOthers others() {
        return others;
    }

    ScriptedImages images() {
        return images;
    }

    ScriptedVolumes volumes() {
        return volumes;
    }

    ScriptedNetworks networks() {
        return networks;
    }

    /** The address that a container finds under a name in its networks. */
    Optional<String> resolve(String containerId, String name) {
        return networks.resolve(containerId, name, id -> {
            ScriptedContainer other = containers.get(id);
            ScriptedProcess process = other == null ? null : other.process();
            return process != null && process.isUp();
        });
    }

    void entering(Call call) {
        Runnable action = before.remove(call);
        if (action != null) {
            action.run();
        }
    }

    Script scriptOf(String command) {
        if (notExecutable.contains(command)) {
            throw new ContainerRuntimeException(
                    Code.COMMAND_NOT_EXECUTABLE, "command: %s (expected: an executable file)".formatted(command));
        }
        String name = command.startsWith("/bin/") ? command.substring("/bin/".length()) : command;
        Script script = scripts.get(name);
        if (script == null) {
            throw new ContainerRuntimeException(
                    Code.COMMAND_NOT_FOUND, "command: %s (expected: one of %s)".formatted(command, scripts.keySet()));
        }
        return script;
    }

    ThreadFactory threads(String name) {
        String shortName = "scripted-" + name.substring(0, Math.min(name.length(), 12));
        // Writing to a named pipe of the kernel blocks its thread.
        return fifoDirectory == null
                ? Thread.ofVirtual().name(shortName).factory()
                : Thread.ofPlatform().daemon().name(shortName).factory();
    }

    BytePipe pipe(String name) {
        return fifoDirectory == null ? new MemoryPipe() : new FifoPipe(fifoDirectory.resolve(name));
    }

    ScriptedProcess newProcess(String name, ContainerSpec container, ProcessSpec spec, boolean isKept) {
        return new ScriptedProcess(this, name, pids.incrementAndGet(), container, spec, isKept);
    }

    void ended(ScriptedProcess process) {
        ScriptedContainer container = containers.get(process.container().id());
        if (container != null && container.process() == process) {
            container.killExecs();
        }
        if (container != null) {
            changed(container);
        }
    }

    /** Something has happened to a container. */
    void changed(ScriptedContainer container) {
        if (container.isForeign()) {
            others.tell(container.spec().id());
        }
    }

    void add(ScriptedContainer container) {
        containers.put(container.spec().id(), container);
    }

    Optional<ScriptedContainer> present(String id) {
        return Optional.ofNullable(containers.get(id));
    }

    ScriptedContainer create(ContainerSpec spec) {
        images.get(spec.image());
        spec.mounts().stream()
                .filter(mount -> mount.type() == ContainerSpec.Mount.Type.VOLUME)
                .forEach(mount -> volumes.get(mount.source()));
        ScriptedContainer container = new ScriptedContainer(this, spec, false);
        if (containers.putIfAbsent(spec.id(), container) != null) {
            throw new ContainerRuntimeException(
                    Code.ALREADY_EXISTS, "container id: %s (expected: one that is not taken)".formatted(spec.id()));
        }
        try {
            networks.attach(spec.id(), spec.networks());
        } catch (ContainerRuntimeException e) {
            containers.remove(spec.id(), container);
            throw e;
        }
        return container;
    }

    ScriptedContainer container(String id) {
        ScriptedContainer container = containers.get(id);
        if (container == null) {
            throw new ContainerRuntimeException(
                    Code.NOT_FOUND, "container: %s (expected: one that exists)".formatted(id));
        }
        return container;
    }

    void remove(ScriptedContainer container) {
        containers.remove(container.spec().id(), container);
        networks.detach(container.spec().id());
    }
}
