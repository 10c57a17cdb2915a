package io.tailrace.client;

import java.util.List;

/**
 * A user-defined network that a container is attached to.
 *
 * @param network its name, or its id
 * @param aliases names under which the others in it find the container, beside its own name and short id
 * @param address IPv4 in the network's subnet; empty: any that is free
 */
public record NetworkAttachment(String network, List<String> aliases, String address) {
    /** Copies the list. */
    public NetworkAttachment {
        aliases = List.copyOf(aliases);
    }
}
