package io.tailrace.engine;

/** What becomes of a process whose output has no room on the disk. */
public enum OnFullDisk {
    /** It waits on its pipe until there is room. Nothing is lost. */
    WAIT,
    /** It runs on, its output is dropped, and a Gap says which bytes were. */
    DROP
}
