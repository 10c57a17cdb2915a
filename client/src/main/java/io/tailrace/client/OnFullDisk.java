package io.tailrace.client;

/** What becomes of a process whose output has no room on the server's disk. */
public enum OnFullDisk {
    /** It waits until there is room. Nothing is lost. */
    WAIT,
    /** It runs on, its output is dropped, and a {@link TimelineRecord.Gap} says which bytes were. */
    DROP
}
