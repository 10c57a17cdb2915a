package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.Subnet;
import java.io.IOException;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where the host's routes lead, and subnets for bridges that none of them leads to. */
final class HostRoutes {
    /** The default bridge gets one of 10.88.0.0/24 to 10.88.255.0/24. */
    private static final long DEFAULT = (10L << 24) | (88L << 16);

    private static final int DEFAULT_MAX = 256;

    /** User-defined networks get one of 10.89.0.0/24 to 10.95.255.0/24. */
    private static final long USER_DEFINED = (10L << 24) | (89L << 16);

    private static final int USER_DEFINED_MAX = 7 * 256;
    private static final int PREFIX = 24;

    private HostRoutes() {}

    /** The default bridge's own subnet if the bridge is there; else the first of its candidates that no route leads to. */
    static Subnet forDefaultBridge() throws IOException {
        NetworkInterface bridge = NetworkInterface.getByName(Bridge.DEFAULT.device());
        if (bridge != null) {
            for (InterfaceAddress address : bridge.getInterfaceAddresses()) {
                if (address.getAddress().getAddress().length == 4) {
                    return Subnet.containing(Subnet.number(address.getAddress()), address.getNetworkPrefixLength());
                }
            }
        }
        return first(DEFAULT, DEFAULT_MAX, subnets(), 0)
                .orElseThrow(() -> new IOException("no free subnet in 10.88.0.0/16"));
    }

    /**
     * One for a user-defined network.
     *
     * @param taken those that it must not overlap with
     * @param seed where to begin, so that two servers that do not know of each other seldom choose the same
     */
    static Optional<Subnet> forNetwork(List<Subnet> taken, int seed) {
        return first(USER_DEFINED, USER_DEFINED_MAX, taken, seed);
    }

    private static Optional<Subnet> first(long range, int count, List<Subnet> taken, int seed) {
        for (int tried = 0; tried < count; tried++) {
            long index = Math.floorMod((long) seed + tried, count);
            Subnet candidate = new Subnet(range + (index << (32 - PREFIX)), PREFIX);
            if (taken.stream().noneMatch(candidate::overlaps)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** What the host's routes lead to now, the default one excepted. */
    static List<Subnet> subnets() throws IOException {
        return subnets(Files.readAllLines(Path.of("/proc/net/route")));
    }

    /** The destinations in the kernel's table, whose numbers are in the byte order of the machine: little-endian. */
    static List<Subnet> subnets(List<String> lines) {
        List<Subnet> subnets = new ArrayList<>();
        for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
            String[] fields = line.split("\\s+");
            if (fields.length > 7) {
                long network = Integer.toUnsignedLong(Integer.reverseBytes(Integer.parseUnsignedInt(fields[1], 16)));
                int prefix = Integer.bitCount(Integer.parseUnsignedInt(fields[7], 16));
                if (prefix > 0) {
                    subnets.add(Subnet.containing(network, prefix));
                }
            }
        }
        return subnets;
    }
}
