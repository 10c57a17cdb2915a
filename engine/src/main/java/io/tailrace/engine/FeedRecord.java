package io.tailrace.engine;

import io.tailrace.log.TimelineRecord;

/**
 * One entry of the feed: a lifecycle record of some container, or of one of its execs.
 *
 * @param sequence its number in the feed: dense, from 1
 * @param containerId the container
 * @param containerName its name
 * @param execId the exec; empty for the container's own
 * @param event what happened: {@code created}, {@code starting}, {@code running}, {@code paused}, {@code resumed},
 *     {@code draining}, {@code restarting}, {@code exited}, {@code stopped}, {@code removed}; and, leaving the state as it
 *     was, {@code health}, {@code alert}, {@code updated}, {@code renamed}
 * @param record the record of its timeline: State or Exit; or a Gap where the feed no longer reaches back
 */
public record FeedRecord(
        long sequence, String containerId, String containerName, String execId, String event, TimelineRecord record) {}
