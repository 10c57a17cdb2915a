package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.util.regex.Pattern;

/**
 * Where a container is in the engine.
 *
 * @param id Tailrace's; of one that others made, the engine's
 * @param isForeign whether others made it
 */
record Place(String id, boolean isForeign) {
    private static final String HANDLE = "docker:1:";
    private static final String FOREIGN_HANDLE = "docker-foreign:1:";
    private static final String NAME = "tailrace-";
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

    Place {
        if (!ID.matcher(id).matches()) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "container id: %s (expected: 64 lower-case hex digits)".formatted(id));
        }
    }

    /** Of one that was made here. */
    Place(String id) {
        this(id, false);
    }

    /** @throws ContainerRuntimeException INVALID_ARGUMENT if it is no handle of this runtime */
    static Place ofHandle(String handle) {
        boolean isForeign = handle.startsWith(FOREIGN_HANDLE);
        String prefix = isForeign ? FOREIGN_HANDLE : HANDLE;
        if (!handle.startsWith(prefix)
                || !ID.matcher(handle.substring(prefix.length())).matches()) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "handle: %s (expected: %s<id> or %s<id>)".formatted(handle, HANDLE, FOREIGN_HANDLE));
        }
        return new Place(handle.substring(prefix.length()), isForeign);
    }

    static ContainerRuntimeException absent(Place place) {
        return new ContainerRuntimeException(Code.NOT_FOUND, "%s (expected: one that exists)".formatted(place));
    }

    String handle() {
        return (isForeign ? FOREIGN_HANDLE : HANDLE) + id;
    }

    /** By which the engine knows it: its name, or the engine's id. */
    String name() {
        return isForeign ? id : NAME + id;
    }

    /** What is below it in the engine's API. */
    String path(String rest) {
        return "/containers/" + name() + rest;
    }

    @Override
    public String toString() {
        return "container " + id;
    }
}
