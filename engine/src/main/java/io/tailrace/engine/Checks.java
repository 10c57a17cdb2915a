package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.HealthCheck;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.Volumes;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks every value of a request before anything is done; a failure is INVALID_ARGUMENT and names the value. */
final class Checks {
    /** Most bytes of a command with its arguments, and of an environment; Linux takes no single word over 128 KiB. */
    private static final int WORDS_BYTES_MAX = 256 << 10;

    private static final int ENTRIES_MAX = 1_000;
    private static final int TEXT_LENGTH_MAX = 4_096;
    private static final int SHOWN_LENGTH_MAX = 80;
    /** More than any machine's needs; matching it takes stack for each part. */
    private static final int CPUS_LENGTH_MAX = 1_024;
    /** What Docker demands: less does not even start a process. */
    private static final long MEMORY_BYTES_MIN = 6L << 20;

    private static final Pattern CONTAINER_ID = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern EXEC_ID = Pattern.compile("(?!\\.\\.?$)[a-zA-Z0-9_.-]{1,64}");
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
    private static final Pattern VOLUME_NAME = Pattern.compile(Volumes.NAME);
    /** What {@link #isVolumeName} wants, for messages. */
    static final String VOLUME_NAME_EXPECTED = "2 to 128 of [a-zA-Z0-9_.-], beginning with a letter or digit";

    private static final String NAME_EXPECTED = "1 to 128 of [a-zA-Z0-9_.-], beginning with a letter or digit";
    static final Pattern HOSTNAME = Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9.-]{0,62})");
    private static final Pattern CAPABILITY = Pattern.compile("(?i)(CAP_)?[A-Z_]{2,30}|ALL");
    private static final Pattern PROPAGATION = Pattern.compile("r?(private|shared|slave)");
    private static final Pattern TMPFS_OPTION =
            Pattern.compile("(no)?(exec|suid|dev)|mode=[0-7]{1,5}|[ug]id=\\d{1,10}");
    private static final Pattern DEVICE_ACCESS = Pattern.compile("(?!.*(.).*\\1)[rwm]{1,3}");
    private static final Pattern CPUS = Pattern.compile("|\\d{1,4}(-\\d{1,4})?(,\\d{1,4}(-\\d{1,4})?)*");

    private Checks() {}

    static void container(NewContainer request) {
        check(request.id().isEmpty() || isId(request.id()), "id", request.id(), "64 lower-case hex digits, or empty");
        check(
                request.name().isEmpty() || NAME.matcher(request.name()).matches(),
                "name",
                request.name(),
                NAME_EXPECTED + ", or empty");
        check(!request.image().isBlank(), "image", request.image(), "a reference or an id");
        List<String> entrypoint = request.entrypoint();
        if (entrypoint != null) {
            words("entrypoint", entrypoint);
        }
        words("command", request.command());
        environment(request.environment());
        directory(request.workingDirectory());
        text("user", request.user());
        groups(request.groups());
        check(
                request.hostname().isEmpty()
                        || HOSTNAME.matcher(request.hostname()).matches(),
                "hostname",
                request.hostname(),
                "1 to 63 of [a-zA-Z0-9.-], or empty");
        NetworkChecks.hosts(request.hosts());
        NetworkChecks.dns(request.dns());
        NetworkChecks.ports(request.ports(), request.network());
        NetworkChecks.attachments(request.networks(), request.network());
        mounts(request.mounts());
        limits(request.limits());
        devices(request.devices());
        ulimits(request.ulimits());
        labels(request.labels());
        capabilities("addedCapabilities", request.addedCapabilities());
        capabilities("droppedCapabilities", request.droppedCapabilities());
        if (!request.stopSignal().isEmpty()) {
            Signal.parse(request.stopSignal());
        }
        restart(request.restart(), request.isAutoRemove());
        notNegative("stopGrace", request.stopGrace());
        Duration timeout = request.timeout();
        check(timeout == null || timeout.isPositive(), "timeout", timeout, "more than 0, or none");
        HealthCheck healthCheck = request.healthCheck();
        if (healthCheck != null) {
            HealthPolicy.check("healthCheck", healthCheck);
        }
        Duration idleTimeout = request.idleTimeout();
        check(idleTimeout == null || idleTimeout.isPositive(), "idleTimeout", idleTimeout, "more than 0, or none");
        notNegative("retention", request.retention());
        check(
                request.timelineBytesMax() == 0 || request.timelineBytesMax() >= TimelineSize.BYTES_MIN,
                "timelineBytesMax",
                request.timelineBytesMax(),
                "0, or >= " + TimelineSize.BYTES_MIN);
        ImagePlatform.check(request.platform());
    }

    /** @param present what it is laid over */
    static void update(ContainerUpdate update, NewContainer present) {
        RestartPolicy restart = update.restart();
        check(update.hasLimits() || restart != null, "update", "", "a limit or a restart policy");
        limits(update.over(present.limits()));
        if (restart != null) {
            restart(restart, present.isAutoRemove());
        }
    }

    static void filter(PruneFilter filter) {
        labels(filter.labels());
    }

    static void name(String name) {
        check(NAME.matcher(name).matches(), "name", name, NAME_EXPECTED);
    }

    private static void restart(RestartPolicy policy, boolean isAutoRemove) {
        check(
                policy.retriesMax() == 0 || (policy.retriesMax() > 0 && policy.kind() == RestartPolicy.Kind.ON_FAILURE),
                "restart retries",
                policy.retriesMax(),
                ">= 0, and other than 0 only with on-failure");
        check(
                !isAutoRemove || policy.kind() == RestartPolicy.Kind.NO,
                "restart",
                policy.text(),
                "no, for a container that is removed when it has exited");
    }

    static void exec(NewExec request) {
        check(
                request.id().isEmpty()
                        || (EXEC_ID.matcher(request.id()).matches()
                                && !request.id().equals(CommandProbe.EXEC_ID)),
                "exec id",
                request.id(),
                "1 to 64 of [a-zA-Z0-9_.-] other than ., .. and %s, or empty".formatted(CommandProbe.EXEC_ID));
        check(!request.command().isEmpty(), "command", request.command(), "at least one argument");
        words("command", request.command());
        environment(request.environment());
        directory(request.workingDirectory());
        text("user", request.user());
    }

    static void path(String what, String path) {
        check(
                isAbsolute(path),
                what,
                path,
                "an absolute path of at most %d characters, and no NUL".formatted(TEXT_LENGTH_MAX));
    }

    static boolean isId(String text) {
        return CONTAINER_ID.matcher(text).matches();
    }

    static void notNegative(String what, @Nullable Duration value) {
        check(value == null || !value.isNegative(), what, value, ">= 0");
    }

    static void limits(ContainerSpec.Limits limits) {
        check(
                limits.memoryBytes() == 0 || limits.memoryBytes() >= MEMORY_BYTES_MIN,
                "memory",
                limits.memoryBytes(),
                "0 or >= " + MEMORY_BYTES_MIN);
        long swap = limits.memorySwapBytes();
        check(
                swap == 0 || swap == -1 || (limits.memoryBytes() > 0 && swap >= limits.memoryBytes()),
                "memorySwap",
                swap,
                "-1, 0, or >= memory, which must be set too");
        check(limits.cpuNanos() >= 0, "cpuNanos", limits.cpuNanos(), ">= 0");
        long shares = limits.cpuShares();
        check(shares == 0 || (shares >= 2 && shares <= 262_144), "cpuShares", shares, "0, or 2 to 262144");
        check(
                limits.cpus().length() <= CPUS_LENGTH_MAX
                        && CPUS.matcher(limits.cpus()).matches(),
                "cpus",
                limits.cpus(),
                "a list such as 0-2,4 of at most %d characters, or empty".formatted(CPUS_LENGTH_MAX));
        check(limits.pids() >= 0, "pids", limits.pids(), ">= 0");
    }

    private static void mounts(List<ContainerSpec.Mount> mounts) {
        count("mounts", mounts.size());
        for (ContainerSpec.Mount mount : mounts) {
            check(isAbsolute(mount.target()), "mount target", mount.target(), "an absolute path");
            check(mount.sizeBytes() >= 0, "mount size", mount.sizeBytes(), ">= 0");
            count("mount options", mount.options().size());
            if (mount.type() == ContainerSpec.Mount.Type.VOLUME) {
                volume(mount);
                continue;
            }
            boolean isBind = mount.type() == ContainerSpec.Mount.Type.BIND;
            check(
                    isBind ? isAbsolute(mount.source()) : mount.source().isEmpty(),
                    "mount source",
                    mount.source(),
                    isBind ? "an absolute path" : "empty for a tmpfs");
            check(!isBind || mount.options().size() <= 1, "mount options", mount.options(), "of a bind at most one");
            for (String option : mount.options()) {
                check(
                        (isBind ? PROPAGATION : TMPFS_OPTION).matcher(option).matches(),
                        "mount option",
                        option,
                        isBind
                                ? "private, rprivate, shared, rshared, slave or rslave"
                                : "exec, noexec, suid, nosuid, dev, nodev, mode=1777, uid=N or gid=N");
            }
        }
    }

    private static void volume(ContainerSpec.Mount mount) {
        check(
                mount.source().isEmpty() || isVolumeName(mount.source()),
                "volume",
                mount.source(),
                VOLUME_NAME_EXPECTED + ", or empty");
        check(mount.sizeBytes() == 0, "mount size", mount.sizeBytes(), "0 for a volume");
        for (String option : mount.options()) {
            check(
                    option.equals(ContainerSpec.Mount.NO_COPY),
                    "mount option",
                    option,
                    ContainerSpec.Mount.NO_COPY + " for a volume");
        }
    }

    static boolean isVolumeName(String text) {
        return VOLUME_NAME.matcher(text).matches();
    }

    private static void groups(List<String> groups) {
        count("groups", groups.size());
        for (String group : groups) {
            check(!group.isEmpty(), "group", group, "a name or a number");
            text("group", group);
        }
    }

    private static void devices(List<ContainerSpec.Device> devices) {
        count("devices", devices.size());
        for (ContainerSpec.Device device : devices) {
            check(isAbsolute(device.source()), "device", device.source(), "an absolute path of the host");
            check(isAbsolute(device.target()), "device target", device.target(), "an absolute path");
            check(
                    DEVICE_ACCESS.matcher(device.access()).matches(),
                    "device access",
                    device.access(),
                    "some of rwm, each once");
        }
    }

    private static void ulimits(List<ProcessSpec.Ulimit> ulimits) {
        Set<String> names = new HashSet<>();
        for (ProcessSpec.Ulimit ulimit : ulimits) {
            String name = ulimit.name();
            check(
                    ProcessSpec.Ulimit.NAMES.contains(name),
                    "ulimit",
                    name,
                    "one of " + new TreeSet<>(ProcessSpec.Ulimit.NAMES));
            check(names.add(name), "ulimit", name, "each once");
            check(ulimit.soft() >= -1 && ulimit.hard() >= -1, "ulimit " + name, ulimit.soft(), ">= 0, or -1 for none");
            check(
                    Long.compareUnsigned(ulimit.soft(), ulimit.hard()) <= 0,
                    "ulimit " + name,
                    ulimit.soft(),
                    "at most the hard limit, " + ulimit.hard());
        }
    }

    private static void environment(Map<String, String> environment) {
        long bytes = 0;
        for (var variable : environment.entrySet()) {
            String name = variable.getKey();
            check(
                    !name.isEmpty() && name.indexOf('=') < 0 && name.indexOf(0) < 0,
                    "environment name",
                    name,
                    "not empty, and without = and NUL");
            check(variable.getValue().indexOf(0) < 0, "environment value of " + name, variable.getValue(), "no NUL");
            bytes += name.length() + 2L + variable.getValue().length();
        }
        check(bytes <= WORDS_BYTES_MAX, "environment bytes", bytes, "at most " + WORDS_BYTES_MAX);
    }

    static void labels(Map<String, String> labels) {
        count("labels", labels.size());
        labels.forEach((name, value) -> {
            check(!name.isEmpty(), "label name", name, "not empty");
            text("label name", name);
            text("label " + name, value);
        });
    }

    private static void capabilities(String what, List<String> names) {
        count(what, names.size());
        names.forEach(name -> check(CAPABILITY.matcher(name).matches(), what, name, "names such as NET_ADMIN, or ALL"));
    }

    static void words(String what, List<String> words) {
        long bytes = 0;
        for (String word : words) {
            check(word.indexOf(0) < 0, what, word, "no NUL");
            bytes += word.length() + 1L;
        }
        check(bytes <= WORDS_BYTES_MAX, what + " bytes", bytes, "at most " + WORDS_BYTES_MAX);
    }

    private static void directory(String path) {
        check(path.isEmpty() || isAbsolute(path), "workingDirectory", path, "an absolute path, or empty");
    }

    static boolean isAbsolute(String path) {
        return path.startsWith("/") && path.indexOf(0) < 0 && path.length() <= TEXT_LENGTH_MAX;
    }

    static void text(String what, String value) {
        check(value.length() <= TEXT_LENGTH_MAX, what + " length", value.length(), "at most " + TEXT_LENGTH_MAX);
        check(value.indexOf(0) < 0, what, value, "no NUL");
    }

    static void count(String what, int count) {
        check(count <= ENTRIES_MAX, what, count, "at most " + ENTRIES_MAX);
    }

    static void check(boolean isRight, String what, @Nullable Object value, String expected) {
        if (!isRight) {
            throw invalid(what, value, expected);
        }
    }

    static EngineException invalid(String what, @Nullable Object value, String expected) {
        return new EngineException(
                ErrorCode.INVALID_ARGUMENT,
                "%s: %s (expected: %s)".formatted(shown(what), shown(String.valueOf(value)), expected));
    }

    /** A client's text as messages say it: no longer than people read. */
    static String shown(String text) {
        return text.isEmpty()
                ? "empty"
                : text.length() > SHOWN_LENGTH_MAX ? text.substring(0, SHOWN_LENGTH_MAX) + "..." : text;
    }
}
