package io.tailrace.client;

/** The kinds of records that a follower can choose from. Gap and Exit always come. */
public enum RecordKind {
    /** A chunk of output. */
    OUTPUT,
    /** A change of state. */
    STATE,
    /** A health check's result. */
    HEALTH,
    /** A message. */
    MESSAGE
}
