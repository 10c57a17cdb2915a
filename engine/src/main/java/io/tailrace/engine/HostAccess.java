package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What of the host a container may be given: whoever may bind any path, use any device or run a privileged process has the
 * host. Paths are looked at as they are, with all links followed, so that none leads out of what is allowed. Immutable.
 *
 * @param binds directories and files that may be bound, with all that is below; the root for everything
 * @param devices likewise of devices
 * @param isPrivileged whether processes may be privileged, or have capabilities beyond those that every container has
 */
public record HostAccess(List<Path> binds, List<Path> devices, boolean isPrivileged) {
    /** Everything. */
    public static final HostAccess ALL = new HostAccess(List.of(Path.of("/")), List.of(Path.of("/")), true);

    /** Nothing. */
    public static final HostAccess NONE = new HostAccess(List.of(), List.of(), false);

    /** Those that Docker gives to every container. */
    private static final Set<String> USUAL_CAPABILITIES = Set.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "FSETID",
            "FOWNER",
            "MKNOD",
            "NET_RAW",
            "SETGID",
            "SETUID",
            "SETFCAP",
            "SETPCAP",
            "NET_BIND_SERVICE",
            "SYS_CHROOT",
            "KILL",
            "AUDIT_WRITE");

    /** Copies the lists. */
    public HostAccess {
        binds = List.copyOf(binds);
        devices = List.copyOf(devices);
    }

    /** @throws EngineException PERMISSION_DENIED if a container asks for more */
    void check(NewContainer request) {
        for (Mount mount : request.mounts()) {
            if (mount.type() == Mount.Type.BIND) {
                check("mount source", mount.source(), binds);
            }
        }
        for (ContainerSpec.Device device : request.devices()) {
            check("device", device.source(), devices);
        }
        check("privileged", "true", !request.isPrivileged() || isPrivileged, "false; access.privileged refuses it");
        for (String capability : request.addedCapabilities()) {
            String name = capability.toUpperCase(Locale.ROOT).replaceFirst("^CAP_", "");
            check(
                    "addedCapabilities",
                    capability,
                    isPrivileged || USUAL_CAPABILITIES.contains(name),
                    "one that every container has; access.privileged refuses others");
        }
    }

    /** As {@link #check(NewContainer)}, for an exec. */
    void check(NewExec request) {
        check("privileged", "true", !request.isPrivileged() || isPrivileged, "false; access.privileged refuses it");
    }

    /** Looks at the paths once more, right before they are used. @throws ContainerRuntimeException FAILED_PRECONDITION */
    void checkAgain(ContainerSpec spec) {
        try {
            for (Mount mount : spec.mounts()) {
                if (mount.type() == Mount.Type.BIND) {
                    check("mount source", mount.source(), binds);
                }
            }
            for (ContainerSpec.Device device : spec.devices()) {
                check("device", device.source(), devices);
            }
        } catch (EngineException e) {
            throw new ContainerRuntimeException(
                    ContainerRuntimeException.Code.FAILED_PRECONDITION, String.valueOf(e.getMessage()), e);
        }
    }

    private static void check(String what, String path, List<Path> allowed) {
        if (allowed.contains(Path.of("/"))) {
            return;
        }
        Path real = real(what, Path.of(path));
        boolean isAllowed = allowed.stream().anyMatch(prefix -> real.startsWith(realOrItself(prefix)));
        // Where it leads is not told: whoever may not have the host need not learn what is there.
        check(
                what,
                path,
                isAllowed,
                allowed.isEmpty()
                        ? "none; this server gives none"
                        : "below one of %s, links followed".formatted(allowed));
    }

    /** A path with all links followed, as far as it exists; nothing may stand in the way of the rest. */
    private static Path real(String what, Path path) {
        Path there = path;
        while (!Files.exists(there, LinkOption.NOFOLLOW_LINKS) && there.getParent() != null) {
            there = there.getParent();
        }
        Path rest = there.relativize(path);
        try {
            Path real = there.toRealPath();
            boolean isPlain = rest.normalize().equals(rest) && !rest.startsWith("..");
            if (isPlain) {
                return rest.toString().isEmpty() ? real : real.resolve(rest);
            }
        } catch (IOException e) {
            // A link to nothing, or into a circle: what it will lead to cannot be known.
        }
        throw denied(what, path.toString(), "a path that can be followed to its end");
    }

    private static Path realOrItself(Path prefix) {
        try {
            return prefix.toRealPath();
        } catch (IOException e) {
            return prefix; // it does not exist, and neither does what is below
        }
    }

    private static void check(String what, String value, boolean isAllowed, String expected) {
        if (!isAllowed) {
            throw denied(what, value, expected);
        }
    }

    private static EngineException denied(String what, String value, String expected) {
        return new EngineException(
                ErrorCode.PERMISSION_DENIED, "%s: %s (expected: %s)".formatted(what, Checks.shown(value), expected));
    }
}
