package io.tailrace.runtime.containerd;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A range of IPv4 addresses.
 *
 * @param network its first address, as an unsigned number
 * @param prefix how many leading bits all its addresses share
 */
record Subnet(long network, int prefix) {
    /** The bridge's interface. */
    static final String BRIDGE = "tailrace0";

    private static final int CANDIDATES_MAX = 256;

    /** The bridge's own subnet if the bridge is there; else the first 10.88.x.0/24 that no route leads to. */
    static Subnet choose() throws IOException {
        NetworkInterface bridge = NetworkInterface.getByName(BRIDGE);
        if (bridge != null) {
            for (InterfaceAddress address : bridge.getInterfaceAddresses()) {
                if (address.getAddress().getAddress().length == 4) {
                    return containing(number(address.getAddress()), address.getNetworkPrefixLength());
                }
            }
        }
        List<Subnet> taken = routed(Files.readAllLines(Path.of("/proc/net/route")));
        for (int third = 0; third < CANDIDATES_MAX; third++) {
            Subnet candidate = new Subnet((10L << 24) | (88L << 16) | ((long) third << 8), 24);
            if (taken.stream().noneMatch(candidate::overlaps)) {
                return candidate;
            }
        }
        throw new IOException("no free subnet in 10.88.0.0/16");
    }

    /** The destinations in the kernel's table, whose numbers are in the byte order of the machine: little-endian. */
    static List<Subnet> routed(List<String> lines) {
        List<Subnet> subnets = new ArrayList<>();
        for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
            String[] fields = line.split("\\s+");
            if (fields.length > 7) {
                long network = Integer.toUnsignedLong(Integer.reverseBytes(Integer.parseUnsignedInt(fields[1], 16)));
                int prefix = Integer.bitCount(Integer.parseUnsignedInt(fields[7], 16));
                if (prefix > 0) {
                    subnets.add(new Subnet(network, prefix));
                }
            }
        }
        return subnets;
    }

    boolean overlaps(Subnet other) {
        int shared = Math.min(prefix, other.prefix);
        return containing(network, shared).equals(containing(other.network, shared));
    }

    private static Subnet containing(long address, int prefix) {
        long mask = prefix == 0 ? 0 : (0xffff_ffffL << (32 - prefix)) & 0xffff_ffffL;
        return new Subnet(address & mask, prefix);
    }

    private static long number(InetAddress address) {
        long number = 0;
        for (byte part : address.getAddress()) {
            number = (number << 8) | (part & 0xff);
        }
        return number;
    }

    @Override
    public String toString() {
        return "%d.%d.%d.%d/%d"
                .formatted(network >>> 24, (network >>> 16) & 0xff, (network >>> 8) & 0xff, network & 0xff, prefix);
    }
}
