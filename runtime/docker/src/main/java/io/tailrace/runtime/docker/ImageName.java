package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A reference to an image, in full.
 *
 * @param repository with its registry: {@code docker.io/library/busybox}
 * @param tag what follows the last colon
 * @param digest {@code sha256:...}; empty for none
 */
record ImageName(String repository, String tag, String digest) {
    private static final Pattern REFERENCE = Pattern.compile(
            "((?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::([\\w][\\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?");
    private static final String HUB = "docker.io/";
    private static final String OFFICIAL = "library/";

    /** @throws ContainerRuntimeException INVALID_ARGUMENT if it is none */
    static ImageName parse(String reference) {
        Matcher matcher = REFERENCE.matcher(reference);
        if (!matcher.matches()) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "image: %s (expected: [registry/]name[:tag][@digest])".formatted(reference));
        }
        String digest = matcher.group(3) == null ? "" : matcher.group(3);
        String tag = matcher.group(2) != null ? matcher.group(2) : digest.isEmpty() ? "latest" : "";
        return new ImageName(full(matcher.group(1)), tag, digest);
    }

    private static String full(String name) {
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        boolean hasRegistry = first.contains(".") || first.contains(":") || first.equals("localhost");
        if (!hasRegistry) {
            return HUB + (slash < 0 ? OFFICIAL : "") + name;
        }
        return name.startsWith(HUB) && name.indexOf('/', HUB.length()) < 0
                ? HUB + OFFICIAL + name.substring(HUB.length())
                : name;
    }

    @Override
    public String toString() {
        return repository + (tag.isEmpty() ? "" : ":" + tag) + (digest.isEmpty() ? "" : "@" + digest);
    }
}
