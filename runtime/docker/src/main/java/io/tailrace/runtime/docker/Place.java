package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.util.regex.Pattern;

/**
 * Where a container is in the engine.
 *
 * @param id Tailrace's
 */
record Place(String id) {
    private static final String HANDLE = "docker:1:";
    private static final String NAME = "tailrace-";
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

    Place {
        if (!ID.matcher(id).matches()) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "container id: %s (expected: 64 lower-case hex digits)".formatted(id));
        }
    }

    /** @throws ContainerRuntimeException INVALID_ARGUMENT if it is no handle of this runtime */
    static Place ofHandle(String handle) {
        if (!handle.startsWith(HANDLE)
                || !ID.matcher(handle.substring(HANDLE.length())).matches()) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "handle: %s (expected: %s<id>)".formatted(handle, HANDLE));
        }
        return new Place(handle.substring(HANDLE.length()));
    }

    static ContainerRuntimeException absent(Place place) {
        return new ContainerRuntimeException(Code.NOT_FOUND, "%s (expected: one that exists)".formatted(place));
    }

    String handle() {
        return HANDLE + id;
    }

    /** Its name in the engine. */
    String name() {
        return NAME + id;
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
