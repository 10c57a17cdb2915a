package io.tailrace.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the feed: a lifecycle record of a container, or of one of its execs.
 *
 * @param sequence its number in the feed: dense, from 1
 * @param cursor the place behind it; {@link FeedOptions#after} takes it
 * @param execId empty for the container itself
 * @param event {@code created}, {@code starting}, {@code running}, {@code paused}, {@code resumed}, {@code draining},
 *     {@code exited}, {@code removed}, {@code health}, {@code gap}
 * @param record the record of the container's timeline; null if the server sent none
 */
public record FeedRecord(
        long sequence,
        String cursor,
        String containerId,
        String containerName,
        String execId,
        String event,
        Instant time,
        @Nullable TimelineRecord record) {}
