package io.tailrace.server.auth;

import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The web pages that may call this server. Browsers name the page's origin in requests that could do harm; other clients
 * send none.
 */
public final class Origins {
    private final Set<String> allowed;

    /** Origins. @param allowed such as {@code https://console.example.com}, beside the server's own */
    public Origins(Set<String> allowed) {
        this.allowed =
                allowed.stream().map(origin -> origin.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    /** Those that are allowed beside the server's own. */
    public Set<String> allowed() {
        return allowed;
    }

    /** Whether a request may come from an origin. @param authority the host that the request names, with its port */
    public boolean accepts(@Nullable String origin, @Nullable String authority) {
        if (origin == null) {
            return true;
        }
        String value = origin.toLowerCase(Locale.ROOT);
        return allowed.contains(value)
                || (authority != null && value.equals("http://" + authority.toLowerCase(Locale.ROOT)))
                || (authority != null && value.equals("https://" + authority.toLowerCase(Locale.ROOT)));
    }
}
