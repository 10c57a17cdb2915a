package io.tailrace.runtime.conformance;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.NewVolume;
import io.tailrace.runtime.spi.Volume;
import io.tailrace.runtime.spi.Volumes;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The volumes of the scripted machine: names with a size that tests set. Thread-safe. */
final class ScriptedVolumes implements Volumes {
    private static final Pattern NAMES = Pattern.compile(NAME);
    private static final long EMPTY_BYTES = 4_096;

    private final ScriptedMachine machine;
    private final Map<String, Volume> volumes = new ConcurrentHashMap<>();
    private final Map<String, Long> sizes = new ConcurrentHashMap<>();

    ScriptedVolumes(ScriptedMachine machine) {
        this.machine = machine;
    }

    void setSize(String name, long bytes) {
        sizes.put(name, bytes);
    }

    @Override
    public Volume create(NewVolume wanted) {
        check(wanted.name());
        machine.entering(ScriptedMachine.Call.CREATE_VOLUME);
        Volume volume = new Volume(
                wanted.name(), wanted.labels(), machine.now(), "/scripted/" + wanted.name(), wanted.madeFor());
        if (volumes.putIfAbsent(wanted.name(), volume) != null) {
            throw new ContainerRuntimeException(
                    Code.ALREADY_EXISTS, "volume: %s (expected: a name that is not taken)".formatted(wanted.name()));
        }
        return volume;
    }

    @Override
    public Volume get(String name) {
        check(name);
        Volume volume = volumes.get(name);
        if (volume == null) {
            throw absent(name);
        }
        return volume;
    }

    @Override
    public List<Volume> list() {
        return List.copyOf(volumes.values());
    }

    @Override
    public void remove(String name) {
        check(name);
        machine.entering(ScriptedMachine.Call.REMOVE_VOLUME);
        if (volumes.remove(name) == null) {
            throw absent(name);
        }
        sizes.remove(name);
    }

    @Override
    public Map<String, Long> sizes(Collection<String> names) {
        Map<String, Long> found = new HashMap<>();
        for (String name : names) {
            check(name);
            if (volumes.containsKey(name)) {
                found.put(name, sizes.getOrDefault(name, EMPTY_BYTES));
            }
        }
        return found;
    }

    private static void check(String name) {
        if (!NAMES.matcher(name).matches()) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "volume: %s (expected: %s)".formatted(name, NAME));
        }
    }

    private static ContainerRuntimeException absent(String name) {
        return new ContainerRuntimeException(Code.NOT_FOUND, "volume: %s (expected: one that exists)".formatted(name));
    }
}
