package io.tailrace.runtime.spi;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * A runtime's named volumes: directories that outlive containers. Blocking and thread-safe. Needs
 * {@link Capability#VOLUMES}.
 *
 * <p>Whether a volume is in use is the caller's to know: it removes none that one of its containers has.
 */
public interface Volumes {
    /** What a name looks like; at least two characters, because a Docker Engine wants that. */
    String NAME = "[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}";

    /**
     * Makes an empty one.
     *
     * @throws ContainerRuntimeException ALREADY_EXISTS, INVALID_ARGUMENT for the name; nothing is left behind
     */
    Volume create(NewVolume volume);

    /**
     * The volume of a name, also one that others have made.
     *
     * @throws ContainerRuntimeException NOT_FOUND, INVALID_ARGUMENT for what can be no name
     */
    Volume get(String name);

    /** All that were made through this interface within the scope that this runtime is configured with, in no order. */
    List<Volume> list();

    /**
     * Removes a volume with all that is in it.
     *
     * @throws ContainerRuntimeException NOT_FOUND; FAILED_PRECONDITION if a container that others have made has it
     */
    void remove(String name);

    /**
     * What each of some volumes takes on disk: bytes as {@code du} counts them, with its own directories and metadata; that
     * is what its removal frees.
     *
     * @return by name; without those that are not there
     * @throws ContainerRuntimeException DEADLINE_EXCEEDED if there are too many files to count
     */
    Map<String, Long> sizes(Collection<String> names);
}
