package io.tailrace.runtime.spi;

import java.util.Set;

/**
 * What a runtime is and what it can do.
 *
 * @param name the runtime's name as users type it: {@code containerd}, {@code docker}, {@code scripted}
 * @param version the version it reports of itself
 * @param endpoint where it is reached, for people to read, such as a socket's path
 * @param capabilities the optional abilities it has; calling one it lacks fails with UNSUPPORTED
 */
public record RuntimeInfo(String name, String version, String endpoint, Set<Capability> capabilities) {
    /** Copies the set. */
    public RuntimeInfo {
        capabilities = Set.copyOf(capabilities);
    }
}
