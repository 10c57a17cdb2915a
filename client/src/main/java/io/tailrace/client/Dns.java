package io.tailrace.client;

import java.util.List;

/**
 * Whom a container asks for names; an empty list is as the server's host has it.
 *
 * @param servers addresses
 * @param searches domains in which short names are looked for; {@code .} alone for none
 * @param options as {@code resolv.conf(5)} has them: {@code ndots:2}
 */
public record Dns(List<String> servers, List<String> searches, List<String> options) {
    /** Copies the lists. */
    public Dns {
        servers = List.copyOf(servers);
        searches = List.copyOf(searches);
        options = List.copyOf(options);
    }
}
