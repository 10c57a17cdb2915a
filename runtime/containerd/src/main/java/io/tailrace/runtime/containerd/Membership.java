package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment;
import io.tailrace.runtime.spi.Network;
import java.util.List;

/**
 * That a container belongs to a user-defined network; kept in its directory, complete, so that it can be taken out of the
 * network whatever has become of that.
 *
 * @param networkId the network's
 * @param network its name
 * @param subnet of the network
 * @param gateway of the network
 * @param isInternal whether there is no way out of the network
 * @param address the one that was asked for; empty: any
 * @param names under which the others in the network find the container
 */
record Membership(
        String networkId,
        String network,
        String subnet,
        String gateway,
        boolean isInternal,
        String address,
        List<String> names) {
    Membership {
        names = List.copyOf(names);
    }

    static Membership of(Network network, NetworkAttachment attachment) {
        return new Membership(
                network.id(),
                network.name(),
                network.subnet(),
                network.gateway(),
                network.isInternal(),
                attachment.address(),
                attachment.aliases());
    }

    Membership named(List<String> others) {
        return new Membership(networkId, network, subnet, gateway, isInternal, address, others);
    }

    Bridge bridge() {
        return Bridge.of(networkId, subnet, gateway, isInternal);
    }
}
