package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerRuntime;
import io.tailrace.runtime.spi.Image;
import io.tailrace.runtime.spi.Images;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The images that containers were made of, and the removal of others. Thread-safe. */
final class UsedImages {
    private final ContainerRuntime runtime;
    private final Registry registry;

    /** Held for reading while a container is made of an image, for writing while one is removed that no container has. */
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    UsedImages(ContainerRuntime runtime, Registry registry) {
        this.runtime = runtime;
        this.registry = registry;
    }

    /** Makes a container, whose image is not removed meanwhile unless by force. */
    <T> T whileMaking(Supplier<T> creation) {
        lock.readLock().lock();
        try {
            return creation.get();
        } finally {
            lock.readLock().unlock();
        }
    }

    private @Nullable EngineContainer userOf(String imageId) {
        for (EngineContainer container : registry.list()) {
            if (container.status().state() != ContainerState.REMOVED
                    && container.imageId().equals(imageId)) {
                return container;
            }
        }
        return null;
    }

    /** Ids of images that containers were made of. */
    Set<String> ids() {
        return registry.list().stream()
                .filter(container -> container.status().state() != ContainerState.REMOVED)
                .map(EngineContainer::imageId)
                .collect(Collectors.toSet());
    }

    /** Removes a reference, and with the last one the image; used by a container: FAILED_PRECONDITION unless forced. */
    void remove(String reference, boolean isForced) {
        lock.writeLock().lock();
        try {
            Image image = RuntimeCalls.call(() -> runtime.images().get(reference));
            EngineContainer user = isForced || image.references().size() > 1 ? null : userOf(image.id());
            if (user != null) {
                throw new EngineException(
                        ErrorCode.FAILED_PRECONDITION,
                        "image %s is used by container %s (expected: remove that first, or force)"
                                .formatted(reference, user.name()));
            }
            Images images = runtime.images();
            RuntimeCalls.run(() -> {
                if (isForced) {
                    images.removeAnyway(reference);
                } else {
                    images.remove(reference);
                }
            });
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Removes those that no container was made of. @param isAll also those that have a name */
    Pruned prune(PruneFilter filter, boolean isAll) {
        Checks.filter(filter);
        List<Image> images = RuntimeCalls.call(() -> runtime.images().list()).stream()
                .filter(image -> isAll || image.references().isEmpty())
                .filter(image ->
                        filter.matches(image.createdAt(), image.config().labels()))
                .toList();
        if (images.isEmpty()) {
            return new Pruned(List.of(), 0);
        }
        long before = totalBytes();
        List<String> removed = new ArrayList<>();
        for (Image image : images) {
            if (removeUnused(image)) {
                removed.add(image.id());
            }
        }
        return new Pruned(removed, removed.isEmpty() ? 0 : Math.max(0, before - totalBytes()));
    }

    private long totalBytes() {
        return RuntimeCalls.call(() -> runtime.images().usage()).totalBytes();
    }

    private boolean removeUnused(Image image) {
        lock.writeLock().lock();
        try {
            if (userOf(image.id()) != null) {
                return false;
            }
            List<String> names = image.references().isEmpty() ? List.of(image.id()) : image.references();
            for (String name : names) {
                RuntimeCalls.run(() -> runtime.images().remove(name));
            }
            return true;
        } catch (EngineException e) {
            // Somebody else's container has it, or somebody was quicker.
            if (e.code() == ErrorCode.FAILED_PRECONDITION || e.code() == ErrorCode.NOT_FOUND) {
                return false;
            }
            throw e;
        } finally {
            lock.writeLock().unlock();
        }
    }
}
