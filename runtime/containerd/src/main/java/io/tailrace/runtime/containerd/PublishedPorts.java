package io.tailrace.runtime.containerd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment;
import io.tailrace.runtime.spi.ContainerSpec.Port;
import io.tailrace.runtime.spi.ContainerSpec.Port.Protocol;
import io.tailrace.runtime.spi.Endpoints;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ports that one container publishes while it has an init process. The packet filter leads them to the container; a
 * socket of this server holds each as well, so that nobody else takes it, and a port that is taken is told and not hidden.
 * Thread-safe.
 */
final class PublishedPorts {
    private static final Logger LOGGER = LoggerFactory.getLogger(PublishedPorts.class);
    /** Nobody connects to the sockets: the packet filter comes before. */
    private static final int BACKLOG = 1;

    private final BridgeNetwork network;
    private final String containerId;
    private final ContainerDirectory directory;

    @GuardedBy("this") private final List<NetworkChannel> held = new ArrayList<>();

    PublishedPorts(BridgeNetwork network, String containerId, ContainerDirectory directory) {
        this.network = network;
        this.containerId = containerId;
        this.directory = directory;
    }

    /** All that the container wants, or none. */
    synchronized void publish() throws IOException {
        List<Port> wanted = network.wanted(directory);
        if (wanted.isEmpty()) {
            return;
        }
        unpublish(); // what a server that was killed in the middle of a start left
        try {
            List<Port> ports = new ArrayList<>();
            for (Port port : wanted) {
                ports.add(hold(port));
            }
            network.publish(containerId, directory, ports);
        } catch (IOException | RuntimeException failure) {
            unpublish();
            throw failure;
        }
    }

    /** What is no longer published, or never was, is no error. */
    synchronized void unpublish() throws IOException {
        try {
            network.unpublish(containerId, directory);
        } finally {
            release();
        }
    }

    /** Takes over from an earlier server what is published. */
    synchronized void recover() {
        try {
            for (Port port : network.published(directory)) {
                hold(port);
            }
        } catch (IOException | ContainerRuntimeException failure) {
            // Connections reach the container all the same.
            LOGGER.warn("container {}: a published port is not held: {}", containerId, failure.getMessage());
        }
    }

    /** Leaves the ports published, for the next server. */
    synchronized void release() {
        for (NetworkChannel channel : held) {
            try {
                channel.close();
            } catch (IOException left) {
                LOGGER.warn("container {}: {}", containerId, left.getMessage());
            }
        }
        held.clear();
    }

    Endpoints endpoints() throws IOException {
        List<String> addresses = network.places(directory).stream()
                .map(place -> place.address().getHostAddress())
                .toList();
        List<NetworkAttachment> networks = new ArrayList<>();
        for (Membership membership : directory.memberships()) {
            int index = networks.size();
            String address = index < addresses.size() ? addresses.get(index) : "";
            networks.add(new NetworkAttachment(membership.network(), membership.names(), address));
        }
        return new Endpoints(addresses.isEmpty() ? "" : addresses.getFirst(), network.published(directory), networks);
    }

    /** @return with the host port that was found, if any was wanted */
    @GuardedBy("this") private Port hold(Port port) throws IOException {
        InetAddress address = InetAddress.ofLiteral(port.hostAddress().isEmpty() ? "0.0.0.0" : port.hostAddress());
        if (!address.isAnyLocalAddress() && NetworkInterface.getByInetAddress(address) == null) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "port %s: address %s (expected: one of the host's)".formatted(port, port.hostAddress()));
        }
        NetworkChannel channel = port.protocol() == Protocol.TCP
                ? ServerSocketChannel.open(StandardProtocolFamily.INET)
                : DatagramChannel.open(StandardProtocolFamily.INET);
        held.add(channel);
        try {
            InetSocketAddress wanted = new InetSocketAddress(address, port.hostPort());
            if (channel instanceof ServerSocketChannel listener) {
                listener.bind(wanted, BACKLOG);
            } else {
                channel.bind(wanted);
            }
        } catch (BindException taken) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION,
                    "port %s: host port %d is in use (expected: a free one)".formatted(port, port.hostPort()),
                    taken);
        }
        InetSocketAddress bound = (InetSocketAddress) channel.getLocalAddress();
        return new Port(port.hostAddress(), bound.getPort(), port.port(), port.protocol());
    }
}
