package io.tailrace.engine;

/**
 * How much of a timeline is kept. Whole segments are deleted, so one that is to keep little has small ones.
 *
 * @param bytesMax retained
 * @param segmentBytesMax of one segment
 */
record TimelineSize(long bytesMax, long segmentBytesMax) {
    /** Segments in what is kept, so that what was kept does not go at once. */
    private static final int SEGMENTS_MIN = 4;

    /** The log makes none that are smaller. */
    private static final long SEGMENT_BYTES_MIN = 64 << 10;

    /** The least that a container may ask for. */
    static final long BYTES_MIN = SEGMENTS_MIN * SEGMENT_BYTES_MIN;

    /** @param own what the container asks for; 0: as the engine is configured */
    static TimelineSize of(EngineConfig config, long own) {
        return own == 0
                ? new TimelineSize(config.timelineBytesMax(), config.segmentBytesMax())
                : new TimelineSize(own, Math.min(config.segmentBytesMax(), own / SEGMENTS_MIN));
    }
}
