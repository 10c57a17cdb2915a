package io.tailrace.runtime.containerd;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One of a container's interfaces, and the bridge it leads to.
 *
 * @param device the interface's name inside
 * @param address the one it is to have; empty: any that is free
 * @param isWayOut whether the container's default route, and its published ports, go by it
 * @param result the file with what the CNI plugins made
 */
record Link(Bridge bridge, String device, String address, boolean isWayOut, Path result) {
    /** All of a container, in the order in which it was given its networks. */
    static List<Link> of(ContainerDirectory directory) throws IOException {
        List<Membership> memberships = directory.memberships();
        if (memberships.isEmpty()) {
            return List.of(new Link(Bridge.DEFAULT, "eth0", "", true, directory.networkResult(0)));
        }
        List<Link> links = new ArrayList<>();
        boolean hasWayOut = false;
        for (Membership membership : memberships) {
            int index = links.size();
            boolean isWayOut = !membership.isInternal() && !hasWayOut;
            hasWayOut |= isWayOut;
            links.add(new Link(
                    membership.bridge(),
                    "eth" + index,
                    membership.address(),
                    isWayOut,
                    directory.networkResult(index)));
        }
        return links;
    }
}
