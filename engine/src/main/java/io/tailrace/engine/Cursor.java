package io.tailrace.engine;

/**
 * A reader's place: just behind a record of one timeline (or of the feed). Clients treat its text as opaque and hand it
 * back to go on with the next record.
 *
 * @param timeline the id of the timeline: the container's id, {@code containerId/execId}, or {@code feed}
 * @param sequence the last sequence that was seen; 0 before the first
 */
public record Cursor(String timeline, long sequence) {
    /** SKELETON. Its text: URL-safe, without spaces or quotes, at most 256 characters. */
    public String text() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** SKELETON. @throws EngineException INVALID_CURSOR */
    public static Cursor parse(String text) {
        throw new UnsupportedOperationException("skeleton");
    }
}
