package io.tailrace.runtime.spi;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What images take on the disk.
 *
 * @param totalBytes all together, what they share counted once
 */
public record ImageUsage(long totalBytes, List<Entry> images) {
    /** Copies the list. */
    public ImageUsage {
        images = List.copyOf(images);
    }

    /**
     * One image.
     *
     * @param id of its {@link Image}
     * @param sizeBytes all that it is made of
     * @param ownBytes what no other image shares
     */
    public record Entry(String id, long sizeBytes, long ownBytes) {}

    /** The usage of images whose parts are known. @param parts by image the sizes of its parts, by what tells them apart */
    public static ImageUsage of(Map<String, Map<String, Long>> parts) {
        Map<String, Long> all = new HashMap<>();
        Map<String, Integer> uses = new HashMap<>();
        parts.values()
                .forEach(image -> image.forEach((part, bytes) -> {
                    all.put(part, bytes);
                    uses.merge(part, 1, Integer::sum);
                }));
        List<Entry> images = new ArrayList<>();
        parts.forEach((id, image) -> images.add(new Entry(
                id,
                image.values().stream().mapToLong(Long::longValue).sum(),
                image.entrySet().stream()
                        .filter(part -> uses.getOrDefault(part.getKey(), 0) == 1)
                        .mapToLong(Map.Entry::getValue)
                        .sum())));
        return new ImageUsage(all.values().stream().mapToLong(Long::longValue).sum(), images);
    }
}
