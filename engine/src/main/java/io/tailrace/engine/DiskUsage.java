package io.tailrace.engine;

import java.util.List;

/**
 * What takes room on the disk.
 *
 * @param containers the files that they have written
 * @param timelines by container, those of its execs included
 */
public record DiskUsage(List<Entry> images, List<Entry> containers, List<Entry> volumes, List<Entry> timelines) {
    /** Copies the lists. */
    public DiskUsage {
        images = List.copyOf(images);
        containers = List.copyOf(containers);
        volumes = List.copyOf(volumes);
        timelines = List.copyOf(timelines);
    }

    /**
     * One of them.
     *
     * @param name for people
     * @param reclaimableBytes what would be free if it were removed alone: 0 while it is used
     */
    public record Entry(String id, String name, long sizeBytes, long reclaimableBytes) {}
}
