package io.tailrace.client;

/**
 * A line that was waited for.
 *
 * @param line as the process wrote it; one that is longer than 65536 bytes is cut
 * @param cursor the place right behind it, to go on from with {@link LineOptions#after} or {@link FollowOptions#after}. Opaque
 */
public record LineMatch(OutputLine line, String cursor) {}
