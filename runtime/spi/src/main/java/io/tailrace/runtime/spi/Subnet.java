package io.tailrace.runtime.spi;

import java.net.InetAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of IPv4 addresses.
 *
 * @param network its first address, as an unsigned number
 * @param prefix how many leading bits all its addresses share
 */
public record Subnet(long network, int prefix) {
    private static final int BITS = 32;
    private static final int ADDRESS_PART_MAX = 255;
    private static final long ALL = 0xffff_ffffL;
    private static final Pattern ADDRESS = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
    private static final Pattern TEXT = Pattern.compile("([\\d.]{7,15})/(\\d{1,2})");

    /** The range of an address. @throws IllegalArgumentException for what is none */
    public Subnet {
        if (prefix < 0 || prefix > BITS || network < 0 || network > ALL || (network & ~mask(prefix)) != 0) {
            throw new IllegalArgumentException(
                    "subnet: %d/%d (expected: its first address)".formatted(network, prefix));
        }
    }

    /** As {@code 172.30.1.0/24}. @throws IllegalArgumentException for what is no range, or not its first address */
    public static Subnet parse(String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("subnet: %s (expected: such as 172.30.1.0/24)".formatted(text));
        }
        return new Subnet(number(parts.group(1)), Integer.parseInt(parts.group(2)));
    }

    /** The range that an address is in. */
    public static Subnet containing(long address, int prefix) {
        return new Subnet(address & mask(prefix), prefix);
    }

    /** An address as a number. @throws IllegalArgumentException if it is not four numbers from 0 to 255 */
    public static long number(String address) {
        Matcher parts = ADDRESS.matcher(address);
        boolean isAddress = parts.matches();
        long number = 0;
        for (int part = 1; part <= 4; part++) {
            int value = isAddress ? Integer.parseInt(parts.group(part)) : -1;
            if (value < 0 || value > ADDRESS_PART_MAX) {
                throw new IllegalArgumentException("address: %s (expected: IPv4)".formatted(address));
            }
            number = (number << 8) | value;
        }
        return number;
    }

    /** An IPv4 address as a number. */
    public static long number(InetAddress address) {
        return number(address.getHostAddress());
    }

    /** The first that a host may have. */
    public String firstAddress() {
        return dotted(network + 1);
    }

    /** Whether a host in it may have this address: not its first, which is its own, and not its last, which is all hosts'. */
    public boolean hasHost(long address) {
        return address > network && address < (network | (ALL & ~mask(prefix)));
    }

    /** Whether they share an address. */
    public boolean overlaps(Subnet other) {
        int shared = Math.min(prefix, other.prefix);
        return containing(network, shared).equals(containing(other.network, shared));
    }

    private static long mask(int prefix) {
        return prefix == 0 ? 0 : (ALL << (BITS - prefix)) & ALL;
    }

    private static String dotted(long address) {
        return "%d.%d.%d.%d".formatted(address >>> 24, (address >>> 16) & 0xff, (address >>> 8) & 0xff, address & 0xff);
    }

    @Override
    public String toString() {
        return dotted(network) + "/" + prefix;
    }
}
