package io.tailrace.engine;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes containers that do not run and are not about to. Thread-safe. */
final class ContainerPruning {
    private static final Logger log = LoggerFactory.getLogger(ContainerPruning.class);

    private final Registry registry;

    ContainerPruning(Registry registry) {
        this.registry = registry;
    }

    /** One that cannot be removed stays, and does not keep the others from it. */
    Pruned prune(PruneFilter filter) {
        Checks.filter(filter);
        List<String> removed = new ArrayList<>();
        long reclaimedBytes = 0;
        for (EngineContainer container : registry.list()) {
            boolean isMeant = filter.matches(
                    container.status().createdAt(), container.request().labels());
            if (!isMeant || container.isForeign() || !container.isStopped()) {
                continue;
            }
            try {
                long bytes = container.contents().writtenBytes();
                if (container.removeIfStopped()) {
                    removed.add(container.id());
                    reclaimedBytes += bytes;
                }
            } catch (EngineException e) {
                if (e.code() == ErrorCode.UNAVAILABLE) {
                    throw e;
                }
                log.warn("container {} was not pruned: {}", container.name(), e.getMessage());
            }
        }
        return new Pruned(removed, reclaimedBytes);
    }
}
