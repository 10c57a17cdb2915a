package io.tailrace.runtime.conformance;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ForeignContainer;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Others who use the scripted machine beside the runtime: what they make is foreign to it, and what they do is told to it.
 * Thread-safe.
 */
public final class ScriptedOthers {
    private static final String IMAGE = "scripted";

    private final ScriptedMachine machine;
    private final Map<String, String> names = new ConcurrentHashMap<>();
    private volatile @Nullable Consumer<String> listener;
    private volatile boolean isTold = true;

    ScriptedOthers(ScriptedMachine machine) {
        this.machine = machine;
    }

    /** Makes a container and starts it. @return its id */
    public String run(String name, String... command) {
        String id = Bench.newId();
        ProcessSpec process = new ProcessSpec(
                List.of(command),
                List.of("PATH=/bin"),
                "",
                "",
                List.of(),
                false,
                null,
                false,
                List.of(),
                List.of(),
                false,
                List.of());
        ContainerSpec spec = new ContainerSpec(
                id,
                machine.images().get(IMAGE).id(),
                process,
                name,
                ContainerSpec.NetworkMode.NONE,
                List.of(),
                ContainerSpec.Dns.DEFAULT,
                List.of(),
                List.of(),
                false,
                false,
                ContainerSpec.Limits.NONE,
                List.of(),
                Map.of(),
                List.of());
        names.put(id, name);
        machine.add(new ScriptedContainer(machine, spec, true));
        start(id);
        return id;
    }

    /** Starts one that has ended. */
    public void start(String id) {
        machine.container(id).begin(listener != null);
        tell(id);
    }

    /** The process of its latest run. */
    public ScriptedProcess process(String id) {
        ScriptedProcess process = machine.container(id).latest();
        if (process == null) {
            throw new ContainerRuntimeException(Code.NOT_FOUND, "container %s was never started".formatted(id));
        }
        return process;
    }

    /** Freezes it. */
    public void pause(String id) {
        process(id).pause();
        tell(id);
    }

    /** Thaws it. */
    public void resume(String id) {
        process(id).resume();
        tell(id);
    }

    /** Gives it another name. */
    public void rename(String id, String name) {
        names.put(id, name);
        tell(id);
    }

    /** Removes it, whether it runs or not. What it wrote can still be read by who reads it. */
    public void remove(String id) {
        machine.container(id).removeByOthers();
        names.remove(id);
        tell(id);
    }

    /** Loses what its latest run wrote and nobody has read. */
    public void loseOutput(String id) {
        process(id).loseOutput();
    }

    /** Whether the runtime is told of what happens; it is unless this says otherwise. */
    public void setTold(boolean newValue) {
        isTold = newValue;
    }

    void tell(String id) {
        Consumer<String> told = listener;
        if (isTold && told != null) {
            told.accept(id);
        }
    }

    void listen(Consumer<String> newListener) {
        listener = newListener;
    }

    void listenNoMore() {
        listener = null;
    }

    List<String> running() {
        return machine.containerIds().stream()
                .filter(id -> look(id).filter(ForeignContainer::isUp).isPresent())
                .toList();
    }

    Optional<ForeignContainer> look(String id) {
        return machine.present(id).filter(ScriptedContainer::isForeign).map(this::describe);
    }

    private ForeignContainer describe(ScriptedContainer container) {
        ScriptedProcess latest = container.latest();
        String id = container.spec().id();
        return new ForeignContainer(
                ScriptedRuntime.handleOf(id),
                names.getOrDefault(id, id),
                IMAGE,
                container.spec(),
                "",
                null,
                latest == null ? RuntimeProcess.Status.EXITED : latest.status(),
                container.hasNewRun(),
                false);
    }
}
