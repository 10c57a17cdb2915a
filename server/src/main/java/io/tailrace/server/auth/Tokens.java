package io.tailrace.server.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that open the server. Accepted as {@code Bearer token}, and as {@code Basic} with the token as the password
 * without a user, or as the user without a password. Compared in constant time.
 */
public final class Tokens {
    private static final String BEARER = "bearer ";
    private static final String BASIC = "basic ";

    private final List<byte[]> digests;

    /** Tokens. @param tokens none: everybody is let in */
    public Tokens(List<String> tokens) {
        this.digests = tokens.stream().map(Tokens::digest).toList();
    }

    /** Whether a token is needed at all. */
    public boolean isRequired() {
        return !digests.isEmpty();
    }

    /** Whether an Authorization header lets in. */
    public boolean accepts(@Nullable String authorization) {
        if (!isRequired()) {
            return true;
        }
        if (authorization == null) {
            return false;
        }
        if (startsWith(authorization, BEARER)) {
            return isToken(authorization.substring(BEARER.length()).strip());
        }
        return startsWith(authorization, BASIC)
                && acceptsBasic(authorization.substring(BASIC.length()).strip());
    }

    private boolean acceptsBasic(String encoded) {
        String pair;
        try {
            pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return false;
        }
        if (pair.startsWith(":")) {
            return isToken(pair.substring(1));
        }
        return pair.endsWith(":") && isToken(pair.substring(0, pair.length() - 1));
    }

    /** Looks at all tokens, whichever matches: how long it takes tells nothing. */
    private boolean isToken(String candidate) {
        byte[] digest = digest(candidate);
        boolean isFound = false;
        for (byte[] known : digests) {
            isFound |= MessageDigest.isEqual(known, digest);
        }
        return isFound;
    }

    private static boolean startsWith(String header, String scheme) {
        return header.regionMatches(true, 0, scheme, 0, scheme.length());
    }

    private static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
