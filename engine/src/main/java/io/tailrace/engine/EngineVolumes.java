package io.tailrace.engine;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntime;
import io.tailrace.runtime.spi.NewVolume;
import io.tailrace.runtime.spi.Volume;
import io.tailrace.runtime.spi.Volumes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The runtime's named volumes, and which of them containers have. Thread-safe. */
public final class EngineVolumes {
    private static final Logger log = LoggerFactory.getLogger(EngineVolumes.class);
    /** As many as there may be containers. */
    private static final int VOLUMES_MAX = 10_000;

    private static final int LABELS_BYTES_MAX = 64 << 10;

    private final ContainerRuntime runtime;
    private final VolumeUses uses;

    EngineVolumes(ContainerRuntime runtime, Registry registry, Problems problems) {
        this.runtime = runtime;
        uses = new VolumeUses(registry, problems);
    }

    /**
     * What a prune has removed.
     *
     * @param volumes their names
     * @param reclaimedBytes what that has freed on the runtime's disk
     */
    public record Pruned(List<String> volumes, long reclaimedBytes) {
        /** Copies the list. */
        public Pruned {
            volumes = List.copyOf(volumes);
        }
    }

    /** Makes one; the same name with the same labels again gives the one that is there. @param name empty: one is made up */
    public Volume create(String name, Map<String, String> labels) {
        Checks.check(
                name.isEmpty() || Checks.isVolumeName(name),
                "volume",
                name,
                Checks.VOLUME_NAME_EXPECTED + ", or empty");
        Checks.labels(labels);
        long bytes = labels.entrySet().stream()
                .mapToLong(label -> (label.getKey() + label.getValue()).getBytes(StandardCharsets.UTF_8).length)
                .sum();
        Checks.check(bytes <= LABELS_BYTES_MAX, "label bytes", bytes, "at most " + LABELS_BYTES_MAX);
        String own = name.isEmpty() ? Names.id() : name;
        Volume present = find(own);
        if (present == null) {
            try {
                return make(NewVolume.named(own, labels));
            } catch (EngineException e) {
                if (e.code() != ErrorCode.ALREADY_EXISTS) {
                    throw e;
                }
                present = get(own); // another request was quicker
            }
        }
        if (!present.labels().equals(labels)) {
            throw new EngineException(
                    ErrorCode.ALREADY_EXISTS,
                    "volume: %s (expected: a name that is not taken by one with other labels)".formatted(own));
        }
        return present;
    }

    /** One volume. NOT_FOUND. */
    public Volume get(String name) {
        Volume volume = find(checked(name));
        if (volume == null) {
            throw absent(name);
        }
        return volume;
    }

    /** All that were made here, by name. @param labels that they are to have; an empty value matches any */
    public List<Volume> list(Map<String, String> labels) {
        return RuntimeCalls.call(volumes()::list).stream()
                .filter(volume -> hasLabels(volume, labels))
                .sorted(Comparator.comparing(Volume::name))
                .toList();
    }

    /** Removes one with all that is in it. NOT_FOUND; FAILED_PRECONDITION while a container has it. */
    public void remove(String name) {
        uses.alone(checked(name), null, () -> RuntimeCalls.run(() -> volumes().remove(name)));
    }

    /**
     * Removes those that no container has.
     *
     * @param all also those that have a name, not only those that were made for a container that named none
     * @param labels that they are to have; an empty value matches any
     */
    public Pruned prune(boolean all, Map<String, String> labels) {
        uses.checkKnown();
        Set<String> used = used();
        List<String> names = list(labels).stream()
                .filter(volume -> all || volume.isAnonymous())
                .map(Volume::name)
                .filter(name -> !used.contains(name))
                .toList();
        Map<String, Long> sizes = sizes(names);
        List<String> removed = new ArrayList<>();
        long bytes = 0;
        for (String name : names) {
            try {
                remove(name);
                removed.add(name);
                bytes += sizes.getOrDefault(name, 0L);
            } catch (EngineException e) {
                // Somebody has taken it, or removed it.
                if (e.code() != ErrorCode.FAILED_PRECONDITION && e.code() != ErrorCode.NOT_FOUND) {
                    throw e;
                }
            }
        }
        return new Pruned(removed, bytes);
    }

    /** What volumes take on the runtime's disk, in bytes by name; without those that are gone. */
    public Map<String, Long> sizes(Collection<String> names) {
        return RuntimeCalls.call(() -> volumes().sizes(names));
    }

    /** The names of those that containers have, or are to have that are being made. */
    public Set<String> used() {
        return uses.all();
    }

    /** Whether there may be volumes at all. */
    boolean areSupported() {
        return runtime.info().capabilities().contains(Capability.VOLUMES);
    }

    /** The volumes that a container is to have, kept from removal until it is there. */
    VolumeClaim claim(String containerId, Set<String> names, Set<String> anonymous) {
        return new VolumeClaim(this, uses, containerId, names, anonymous);
    }

    /** Whether a volume of that name was missing and is made. @param madeFor as {@link NewVolume} has it */
    boolean makeIfMissing(String name, String madeFor) {
        if (find(name) != null) {
            return false;
        }
        try {
            make(new NewVolume(name, Map.of(), madeFor));
            return true;
        } catch (EngineException e) {
            if (e.code() != ErrorCode.ALREADY_EXISTS) {
                throw e;
            }
            return false;
        }
    }

    private Volume make(NewVolume volume) {
        int count = RuntimeCalls.call(volumes()::list).size();
        if (count >= VOLUMES_MAX) {
            throw new EngineException(
                    ErrorCode.RESOURCE_EXHAUSTED, "volumes: %d (expected: at most %d)".formatted(count, VOLUMES_MAX));
        }
        return RuntimeCalls.call(() -> volumes().create(volume));
    }

    /** Removes the volumes of a container's own that no other has. What is gone is no error. */
    void removeOf(EngineContainer container) {
        for (String name : VolumeMounts.anonymous(container.request(), container.spec())) {
            removeIfThere(name, container);
        }
    }

    /** Removes a volume unless it is gone or somebody else has it. @param owner who may have it all the same */
    void removeIfThere(String name, @Nullable EngineContainer owner) {
        try {
            uses.alone(name, owner, () -> RuntimeCalls.run(() -> volumes().remove(name)));
        } catch (EngineException e) {
            if (e.code() != ErrorCode.NOT_FOUND && e.code() != ErrorCode.FAILED_PRECONDITION) {
                throw e;
            }
        }
    }

    /** Removes what was made for containers that were never completed. */
    void removeMadeFor(Set<String> containerIds) {
        if (containerIds.isEmpty() || !areSupported()) {
            return;
        }
        try {
            for (Volume volume : RuntimeCalls.call(volumes()::list)) {
                if (containerIds.contains(volume.madeFor())) {
                    log.info("removing a volume of a container that was never completed: {}", volume.name());
                    removeIfThere(volume.name(), null);
                }
            }
        } catch (EngineException e) {
            // A prune finds them.
            log.warn("volumes of containers that were never completed were not removed", e);
        }
    }

    private @Nullable Volume find(String name) {
        try {
            return RuntimeCalls.call(() -> volumes().get(name));
        } catch (EngineException e) {
            if (e.code() == ErrorCode.NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }

    private Volumes volumes() {
        if (!areSupported()) {
            throw new EngineException(
                    ErrorCode.UNSUPPORTED,
                    "volume: the runtime %s has none (expected: no mount of a volume)"
                            .formatted(runtime.info().name()));
        }
        return runtime.volumes();
    }

    private static String checked(String name) {
        Checks.check(Checks.isVolumeName(name), "volume", name, Checks.VOLUME_NAME_EXPECTED);
        return name;
    }

    private static boolean hasLabels(Volume volume, Map<String, String> wanted) {
        return wanted.entrySet().stream().allMatch(label -> {
            String value = volume.labels().get(label.getKey());
            return value != null && (label.getValue().isEmpty() || value.equals(label.getValue()));
        });
    }

    private static EngineException absent(String name) {
        return new EngineException(
                ErrorCode.NOT_FOUND, "volume: %s (expected: one that exists)".formatted(Checks.shown(name)));
    }
}
