package io.tailrace.server.auth;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The names under which this server may be addressed. A web page can make a browser call this server under a name of the
 * page's own (DNS rebinding); such a call is recognised by its Host header. An address cannot be rebound, so where the
 * server is bound to all addresses, any address is good.
 */
public final class HostNames {
    private static final String LOCALHOST = "localhost";

    private final InetAddress bound;
    private final Set<String> configured;

    /** Names. @param bound the address that is listened on @param configured more names, without ports */
    public HostNames(InetAddress bound, Set<String> configured) {
        this.bound = bound;
        this.configured =
                configured.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    /** Whether a Host header (or {@code :authority}) names this server. */
    public boolean accepts(@Nullable String authority) {
        if (authority == null || authority.isEmpty()) {
            return false;
        }
        String name = withoutPort(authority).toLowerCase(Locale.ROOT);
        if (name.equals(LOCALHOST) || name.endsWith("." + LOCALHOST) || configured.contains(name)) {
            return true;
        }
        InetAddress address = address(name);
        return address != null && (address.isLoopbackAddress() || bound.isAnyLocalAddress() || address.equals(bound));
    }

    static String withoutPort(String authority) {
        if (authority.startsWith("[")) {
            int end = authority.indexOf(']');
            return end < 0 ? authority : authority.substring(1, end);
        }
        int colon = authority.lastIndexOf(':');
        return colon < 0 ? authority : authority.substring(0, colon);
    }

    /** The address that a literal stands for; null if it is a name. Names are never looked up. */
    private static @Nullable InetAddress address(String literal) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(literal);
        if (bytes == null) {
            return null;
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            return null;
        }
    }
}
