package io.tailrace.engine;

import io.tailrace.runtime.spi.Image;
import io.tailrace.runtime.spi.ImageUsage;
import io.tailrace.runtime.spi.Volume;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Measures what takes room on the disk. Thread-safe. */
final class DiskMeasure {
    private static final String UNNAMED = "<none>";

    private final EngineContext context;
    private final Registry registry;
    private final UsedImages usedImages;

    DiskMeasure(EngineContext context, Registry registry, UsedImages usedImages) {
        this.context = context;
        this.registry = registry;
        this.usedImages = usedImages;
    }

    DiskUsage measure() {
        List<DiskUsage.Entry> containers = new ArrayList<>();
        List<DiskUsage.Entry> timelines = new ArrayList<>();
        for (EngineContainer container : registry.list()) {
            boolean isRemoved = container.status().state() == ContainerState.REMOVED;
            long timelineBytes = context.data().sizeBytes(container.id());
            timelines.add(entry(container, timelineBytes, isRemoved));
            if (!isRemoved) {
                boolean isReclaimable = container.isStopped();
                containers.add(entry(container, container.contents().writtenBytes(), isReclaimable));
            }
        }
        return new DiskUsage(images(), containers, volumes(), timelines);
    }

    private List<DiskUsage.Entry> volumes() {
        if (!context.volumes().areSupported()) {
            return List.of();
        }
        List<String> names =
                context.volumes().list(Map.of()).stream().map(Volume::name).toList();
        Set<String> used = context.volumes().used();
        return context.volumes().sizes(names).entrySet().stream()
                .map(volume -> new DiskUsage.Entry(
                        volume.getKey(),
                        volume.getKey(),
                        volume.getValue(),
                        used.contains(volume.getKey()) ? 0 : volume.getValue()))
                .toList();
    }

    private static DiskUsage.Entry entry(EngineContainer container, long bytes, boolean isReclaimable) {
        return new DiskUsage.Entry(container.id(), container.name(), bytes, isReclaimable ? bytes : 0);
    }

    private List<DiskUsage.Entry> images() {
        ImageUsage usage = RuntimeCalls.call(() -> context.runtime().images().usage());
        Map<String, String> names = new HashMap<>();
        for (Image image : RuntimeCalls.call(() -> context.runtime().images().list())) {
            names.put(
                    image.id(),
                    image.references().isEmpty() ? UNNAMED : image.references().getFirst());
        }
        Set<String> used = usedImages.ids();
        return usage.images().stream()
                .map(image -> new DiskUsage.Entry(
                        image.id(),
                        names.getOrDefault(image.id(), UNNAMED),
                        image.sizeBytes(),
                        used.contains(image.id()) ? 0 : image.ownBytes()))
                .toList();
    }
}
