package io.tailrace.runtime.spi;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a container is made of. Complete: the engine has already merged the image's defaults into {@code process}.
 *
 * @param id 64 lower-case hex digits, unique in the runtime
 * @param image an image reference or id that {@link Images#get} knows
 * @param process the init process
 * @param hostname the host name inside; empty: the id's first 12 digits
 * @param network which network it sees
 * @param hosts names that it resolves beyond its own, in its {@code /etc/hosts}
 * @param dns whom it asks for other names
 * @param ports those that are published, on the bridge only
 * @param mounts binds, tmpfs and volumes, in the order they are mounted
 * @param isReadOnlyRoot whether the root file system refuses writes
 * @param hasInit whether an init program is pid 1, which reaps orphans, and the process its child
 * @param limits resource limits
 * @param devices of the host, beyond the harmless ones that every container has
 * @param labels as the user gave them; the runtime may keep them for other tools to see
 * @param networks user-defined ones that it is attached to in place of the default bridge; none unless {@code network} is
 *     {@link NetworkMode#BRIDGE}
 */
public record ContainerSpec(
        String id,
        String image,
        ProcessSpec process,
        String hostname,
        NetworkMode network,
        List<HostEntry> hosts,
        Dns dns,
        List<Port> ports,
        List<Mount> mounts,
        boolean isReadOnlyRoot,
        boolean hasInit,
        Limits limits,
        List<Device> devices,
        Map<String, String> labels,
        List<NetworkAttachment> networks) {
    /** Copies the collections. What an earlier version did not write down is empty. */
    public ContainerSpec {
        hosts = hosts == null ? List.of() : List.copyOf(hosts);
        dns = dns == null ? Dns.DEFAULT : dns;
        ports = ports == null ? List.of() : List.copyOf(ports);
        mounts = List.copyOf(mounts);
        devices = devices == null ? List.of() : List.copyOf(devices);
        labels = Map.copyOf(labels);
        networks = networks == null ? List.of() : List.copyOf(networks);
    }

    /** A process in an image, without a network and anything else that can be asked for. */
    public static ContainerSpec of(String id, String image, ProcessSpec process) {
        return new ContainerSpec(
                id,
                image,
                process,
                "",
                NetworkMode.NONE,
                List.of(),
                Dns.DEFAULT,
                List.of(),
                List.of(),
                false,
                false,
                Limits.NONE,
                List.of(),
                Map.of(),
                List.of());
    }

    /** The same with other limits. */
    public ContainerSpec withLimits(Limits other) {
        return new ContainerSpec(
                id,
                image,
                process,
                hostname,
                network,
                hosts,
                dns,
                ports,
                mounts,
                isReadOnlyRoot,
                hasInit,
                other,
                devices,
                labels,
                networks);
    }

    /** Which network a container sees. */
    public enum NetworkMode {
        /** Only its own loopback interface. */
        NONE,
        /** The host's own network. */
        HOST,
        /** An address of its own on the default bridge, with the way out masqueraded. */
        BRIDGE
    }

    /**
     * A directory or file that is mounted into the container.
     *
     * @param type what is mounted
     * @param source of a bind, an absolute path on the host; of a volume, its name; empty for tmpfs
     * @param target an absolute path inside
     * @param isReadOnly whether writes are refused
     * @param sizeBytes a tmpfs's limit; 0 for none
     * @param options as {@code mount(8)} has them. Of a bind, at most one: private, rprivate (the default), shared,
     *     rshared, slave, rslave. Of a tmpfs: exec, noexec, suid, nosuid, dev, nodev, {@code mode=1777}, {@code uid=},
     *     {@code gid=}. Of a volume: {@code nocopy}; without it, one that is empty is filled with what the image has at the
     *     target, owners and modes included
     */
    public record Mount(
            Type type, String source, String target, boolean isReadOnly, long sizeBytes, List<String> options) {
        /** The option of a volume that is to stay empty. */
        public static final String NO_COPY = "nocopy";

        /** What an earlier version did not write down is empty. */
        public Mount {
            options = options == null ? List.of() : List.copyOf(options);
        }

        /** Whether it is a volume that, empty, is filled with what the image has at its target. */
        public boolean isFilled() {
            return type == Type.VOLUME && !options.contains(NO_COPY);
        }

        /** The kinds of mounts. */
        public enum Type {
            /** A path of the host. */
            BIND,
            /** Memory. */
            TMPFS,
            /** A named volume that exists. */
            VOLUME
        }
    }

    /**
     * A user-defined network that a container is attached to.
     *
     * @param network its name
     * @param aliases names under which the others in it find the container, its own name and short id among them
     * @param address IPv4 in the network's subnet; empty: any that is free
     */
    public record NetworkAttachment(String network, List<String> aliases, String address) {
        /** Copies the list. */
        public NetworkAttachment {
            aliases = List.copyOf(aliases);
        }
    }

    /**
     * A name that a container resolves by itself.
     *
     * @param name a host name
     * @param address IPv4 or IPv6, or {@code host-gateway}: the host, as the container reaches it
     */
    public record HostEntry(String name, String address) {
        /** The host, as the container reaches it. */
        public static final String GATEWAY = "host-gateway";
    }

    /**
     * Whom a container asks for names; an empty list is as the host has it.
     *
     * @param servers addresses
     * @param searches domains in which short names are looked for; {@code .} alone for none
     * @param options as {@code resolv.conf(5)} has them: {@code ndots:2}
     */
    public record Dns(List<String> servers, List<String> searches, List<String> options) {
        /** As the host. */
        public static final Dns DEFAULT = new Dns(List.of(), List.of(), List.of());

        /** Copies the lists. */
        public Dns {
            servers = List.copyOf(servers);
            searches = List.copyOf(searches);
            options = List.copyOf(options);
        }
    }

    /**
     * A port of the container that can be reached at one of the host.
     *
     * @param hostAddress IPv4, of the host; empty: all of them
     * @param hostPort 1 to 65535; 0: any that is free, chosen anew for every run
     * @param port 1 to 65535, inside
     */
    public record Port(String hostAddress, int hostPort, int port, Protocol protocol) {
        /** What is spoken there. */
        public enum Protocol {
            /** Connections. */
            TCP,
            /** Datagrams. */
            UDP
        }

        @Override
        public String toString() {
            return "%s:%d:%d/%s"
                    .formatted(hostAddress, hostPort, port, protocol.name().toLowerCase(Locale.ROOT));
        }
    }

    /**
     * A device of the host.
     *
     * @param source an absolute path on the host, of a device or a directory with devices
     * @param target the absolute path inside
     * @param access some of {@code rwm}: read, write, make nodes
     */
    public record Device(String source, String target, String access) {}

    /**
     * Resource limits; 0 means no limit.
     *
     * @param memoryBytes memory
     * @param memorySwapBytes memory and swap together; 0: as much swap as memory, as Docker does; -1: swap without limit
     * @param cpuNanos processor time per second, in units of 10^-9 processors
     * @param cpuShares relative weight, 2 to 262144; 0: the default, 1024
     * @param cpus the processors it may run on, as {@code 0-2,4}; empty: all
     * @param pids processes and threads at once
     */
    public record Limits(
            long memoryBytes, long memorySwapBytes, long cpuNanos, long cpuShares, String cpus, long pids) {
        /** No limits at all. */
        public static final Limits NONE = new Limits(0, 0, 0, 0, "", 0);
    }
}
