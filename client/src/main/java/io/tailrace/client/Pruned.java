package io.tailrace.client;

import java.util.List;

/**
 * What was removed because nobody used it.
 *
 * @param ids of containers or images
 * @param reclaimedBytes what they took on the disk
 */
public record Pruned(List<String> ids, long reclaimedBytes) {}
