package io.tailrace.client;

/** One of the two streams that a process writes. With a terminal there is stdout only. */
public enum StandardStream {
    /** Standard output. */
    STDOUT,
    /** Standard error. */
    STDERR
}
