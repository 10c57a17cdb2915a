package io.tailrace.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The volumes that a container is to have, while it is being made: they are not removed meanwhile, and those that were made
 * for it are removed again if it is not made after all. Used by one thread.
 */
final class VolumeClaim implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(VolumeClaim.class);

    private final EngineVolumes volumes;
    private final VolumeUses uses;
    private final String containerId;
    private final Set<String> names;
    private final Set<String> anonymous;
    private final List<String> claimed = new ArrayList<>();
    private final List<String> made = new ArrayList<>();

    /** @param anonymous those of the names that were made up */
    VolumeClaim(EngineVolumes volumes, VolumeUses uses, String containerId, Set<String> names, Set<String> anonymous) {
        this.volumes = volumes;
        this.uses = uses;
        this.containerId = containerId;
        this.names = names;
        this.anonymous = anonymous;
    }

    /** Takes them all, and makes those that are missing. */
    void make() {
        for (String name : names) {
            uses.claim(name);
            claimed.add(name);
            if (volumes.makeIfMissing(name, anonymous.contains(name) ? containerId : "")) {
                made.add(name);
            }
        }
    }

    /** Removes again what was made, unless others have taken it by now. */
    void undo() {
        for (String name : made) {
            boolean isAlone = uses.isHeldAlone(name);
            uses.release(name);
            claimed.remove(name);
            if (isAlone) {
                removeQuietly(name);
            }
        }
        made.clear();
    }

    private void removeQuietly(String name) {
        try {
            volumes.removeIfThere(name, null);
        } catch (EngineException e) {
            log.warn("a volume of a container that was not made was not removed either: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        claimed.forEach(uses::release);
        claimed.clear();
    }
}
