package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;

/** The strings from which containers are recovered: {@code containerd:1:<container id>}. */
final class Handle {
    private static final String PREFIX = "containerd:1:";

    private Handle() {}

    static String of(String containerId) {
        return PREFIX + containerId;
    }

    /** The container id. @throws ContainerRuntimeException INVALID_ARGUMENT */
    static String containerId(String handle) {
        if (!handle.startsWith(PREFIX)) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "handle: %s (expected: %s...)".formatted(handle, PREFIX));
        }
        return handle.substring(PREFIX.length());
    }
}
