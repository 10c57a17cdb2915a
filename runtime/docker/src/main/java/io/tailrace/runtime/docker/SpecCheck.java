package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Device;
import io.tailrace.runtime.spi.ContainerSpec.HostEntry;
import io.tailrace.runtime.spi.ContainerSpec.NetworkMode;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;

/** What an engine would make a container with, and only refuse when that is started, or get wrong without a word. */
final class SpecCheck {
    private SpecCheck() {}

    /**
     * Checks what a container is to be.
     *
     * @param capabilities of the runtime
     * @throws ContainerRuntimeException that names the option
     */
    static void check(ContainerSpec spec, Set<Capability> capabilities, EngineFacts engine) {
        boolean hasBridge = capabilities.contains(Capability.NETWORK_BRIDGE);
        if (spec.network() == NetworkMode.BRIDGE && spec.networks().isEmpty() && !hasBridge) {
            throw new ContainerRuntimeException(
                    Code.UNSUPPORTED, "network: bridge (expected: none or host; the engine has no bridge network)");
        }
        for (HostEntry entry : spec.hosts()) {
            if (entry.address().equals(HostEntry.GATEWAY)) {
                checkGateway(
                        entry, spec.network(), hasBridge || !spec.networks().isEmpty());
            }
        }
        if (engine.isHere()) {
            spec.devices().forEach(SpecCheck::checkDevice);
        }
    }

    /** Docker 20.10 writes {@code <nil>} for the address where it has no bridge. */
    private static void checkGateway(HostEntry entry, NetworkMode network, boolean hasBridge) {
        if (network == NetworkMode.NONE) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "host %s: %s (expected: an address, because without a network there is no way to the host)"
                            .formatted(entry.name(), entry.address()));
        }
        if (!hasBridge) {
            throw new ContainerRuntimeException(
                    Code.UNSUPPORTED,
                    "host %s: %s (expected: an address; the engine has no bridge network, whose gateway it would be)"
                            .formatted(entry.name(), entry.address()));
        }
    }

    private static void checkDevice(Device device) {
        boolean isThere;
        try {
            isThere = Files.exists(Path.of(device.source()));
        } catch (InvalidPathException e) {
            isThere = false;
        }
        if (!isThere) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "device: %s (expected: a device of the host, or a directory with devices)"
                            .formatted(device.source()));
        }
    }
}
