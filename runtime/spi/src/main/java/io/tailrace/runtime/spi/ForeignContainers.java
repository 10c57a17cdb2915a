package io.tailrace.runtime.spi;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Containers of the runtime that were not made through this interface, or by another server. {@link ContainerRuntime#recover}
 * finds one by its handle. None of these methods changes a container. Blocking and thread-safe.
 */
public interface ForeignContainers {
    /** The most that are listed. */
    int LISTED_MAX = 10_000;

    /** Ids of those that run now, paused ones included; at most {@link #LISTED_MAX}. */
    List<String> running();

    /** What one is now; empty if the runtime does not have it, or if it is not foreign. @param id 64 lower-case hex digits */
    Optional<ForeignContainer> look(String id);

    /**
     * Has a listener told the id of each container to which something may have happened. It may be told of others' too, and
     * moments may be missed. One at most; a later one replaces it.
     *
     * @param listener must return at once
     */
    void listen(Consumer<String> listener);
}
