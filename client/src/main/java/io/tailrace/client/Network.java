package io.tailrace.client;

import java.time.Instant;
import java.util.Map;

/**
 * A user-defined network: a bridge whose containers find each other by name.
 *
 * @param id 64 hex digits
 * @param subnet IPv4, as {@code 172.30.1.0/24}
 * @param gateway the host's address in it
 * @param isInternal whether there is no way out of it
 */
public record Network(
        String id,
        String name,
        String subnet,
        String gateway,
        boolean isInternal,
        Map<String, String> labels,
        Instant createdAt) {
    /** Copies the labels. */
    public Network {
        labels = Map.copyOf(labels);
    }
}
