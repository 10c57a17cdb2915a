package io.tailrace.runtime.containerd;

import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A bridge that containers are connected to.
 *
 * @param name what CNI plugins know it by
 * @param device its interface
 * @param subnet its addresses, as text; empty: chosen when it comes up
 * @param gateway the host's address in the subnet; empty: the first
 * @param isInternal whether there is no way out of it
 */
record Bridge(String name, String device, String subnet, String gateway, boolean isInternal) {
    /** The machine's one for containers that ask for no network of their own. */
    static final Bridge DEFAULT = new Bridge("tailrace", "tailrace0", "", "", false);

    /** Addresses are given out here and forgotten with the bridge, when the machine stops. */
    private static final Path ADDRESSES_DIRECTORY = Path.of("/run/tailrace/addresses");

    /** With the prefix 13 characters: an interface has at most 15 (IFNAMSIZ of net/if.h). */
    private static final int DEVICE_DIGITS = 10;

    private static final int NAME_DIGITS = 12;

    /** That of a user-defined network. */
    static Bridge of(String networkId, String subnet, String gateway, boolean isInternal) {
        return new Bridge(
                "tailrace-" + networkId.substring(0, NAME_DIGITS),
                "tr-" + networkId.substring(0, DEVICE_DIGITS),
                subnet,
                gateway,
                isInternal);
    }

    boolean isDefault() {
        return equals(DEFAULT);
    }

    /** Whether its interface is there. */
    boolean isUp() throws IOException {
        return NetworkInterface.getByName(device) != null;
    }

    static Path addressesDirectory() {
        return ADDRESSES_DIRECTORY;
    }

    /** Removes the interface, and the record of the addresses that were given out. What is gone is no error. */
    void remove() throws IOException {
        Linux.removeBridge(device);
        Path addresses = ADDRESSES_DIRECTORY.resolve(name);
        if (Files.isDirectory(addresses)) {
            try (var entries = Files.list(addresses)) {
                for (Path entry : entries.toList()) {
                    Files.deleteIfExists(entry);
                }
            }
            Files.deleteIfExists(addresses);
        }
    }
}
