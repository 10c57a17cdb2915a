package io.tailrace.runtime.spi;

import java.util.Map;

/**
 * What a network is to be.
 *
 * @param name {@code [a-zA-Z0-9][a-zA-Z0-9_.-]*}, at most 128 characters
 * @param subnet IPv4, its first address and a prefix of 8 to 29 bits; empty: one that is free
 * @param gateway in that subnet; empty: its first address that a host may have. Only with a subnet
 * @param isInternal whether there is to be no way out of it
 * @param labels as the user gave them
 */
public record NetworkSpec(String name, String subnet, String gateway, boolean isInternal, Map<String, String> labels) {
    /** Copies the labels. */
    public NetworkSpec {
        labels = Map.copyOf(labels);
    }
}
