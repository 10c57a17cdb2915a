package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An image's full name, made from what users type as Docker makes it: {@code busybox} is
 * {@code docker.io/library/busybox:latest}. The grammar is that of the distribution project's references.
 *
 * @param registry the registry's host, with a port if it has one
 * @param repository the path in it
 * @param tag empty if there is only a digest
 * @param digest {@code sha256:...}, or empty
 */
record ImageReference(String registry, String repository, String tag, String digest) {
    private static final String COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
    private static final Pattern GRAMMAR = Pattern.compile(
            "(?<name>[^@]+?)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?" + "(?:@(?<digest>sha256:[0-9a-f]{64}))?");
    private static final Pattern REPOSITORY = Pattern.compile(COMPONENT + "(?:/" + COMPONENT + ")*");
    private static final Pattern REGISTRY =
            Pattern.compile("(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?");
    private static final int NAME_CHARACTERS_MAX = 255;
    /** A name, a tag and a digest. */
    private static final int CHARACTERS_MAX = NAME_CHARACTERS_MAX + 1 + 128 + 1 + 71;

    private static final int SHOWN_CHARACTERS_MAX = 80;

    /** Completes what a user typed. @throws ContainerRuntimeException INVALID_ARGUMENT */
    static ImageReference parse(String typed) {
        Matcher matcher = GRAMMAR.matcher(typed);
        if (typed.length() > CHARACTERS_MAX || !matcher.matches()) {
            throw malformed(typed);
        }
        String name = matcher.group("name");
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        boolean hasRegistry = first.equals("localhost")
                || first.contains(".")
                || first.contains(":")
                || !first.equals(first.toLowerCase(Locale.ROOT));
        String registry = hasRegistry ? first : "docker.io";
        String repository = hasRegistry ? name.substring(slash + 1) : name;
        if (registry.equals("index.docker.io")) {
            registry = "docker.io";
        }
        if (registry.equals("docker.io") && !repository.contains("/")) {
            repository = "library/" + repository;
        }
        if (registry.length() + 1 + repository.length() > NAME_CHARACTERS_MAX
                || !REPOSITORY.matcher(repository).matches()
                || !REGISTRY.matcher(registry).matches()) {
            throw malformed(typed);
        }
        String digest = matcher.group("digest") == null ? "" : matcher.group("digest");
        String tag = matcher.group("tag") == null ? (digest.isEmpty() ? "latest" : "") : matcher.group("tag");
        return new ImageReference(registry, repository, tag, digest);
    }

    /** The name of the repository, registry included. */
    String name() {
        return registry + "/" + repository;
    }

    /** Whether the registry is this machine, which Docker speaks plain HTTP to. */
    boolean isLocal() {
        String host = registry.startsWith("[") ? registry : registry.replaceFirst(":\\d+$", "");
        return host.equals("localhost") || host.startsWith("127.") || host.startsWith("[::1]");
    }

    /** The full form, which containerd stores. */
    @Override
    public String toString() {
        return name() + (tag.isEmpty() ? "" : ":" + tag) + (digest.isEmpty() ? "" : "@" + digest);
    }

    private static ContainerRuntimeException malformed(String typed) {
        return new ContainerRuntimeException(
                Code.INVALID_ARGUMENT,
                "image reference: %s (expected: [registry/]repository[:tag][@sha256:digest], in lower case)"
                        .formatted(shown(typed)));
    }

    private static String shown(String typed) {
        return typed.isEmpty()
                ? "empty"
                : typed.length() > SHOWN_CHARACTERS_MAX ? typed.substring(0, SHOWN_CHARACTERS_MAX) + "..." : typed;
    }
}
