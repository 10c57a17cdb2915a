package io.tailrace.client;

import java.util.List;

/**
 * What takes room on the server's disk.
 *
 * @param containers the files that they have written
 * @param timelines by container, those of its execs included
 */
public record DiskUsage(List<Entry> images, List<Entry> containers, List<Entry> volumes, List<Entry> timelines) {
    /**
     * One of them.
     *
     * @param name for people
     * @param reclaimableBytes what would be free if it were removed alone: 0 while it is used
     */
    public record Entry(String id, String name, long sizeBytes, long reclaimableBytes) {}
}
