package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ProcessSpec;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** An engine gives an exec the rights and limits of its container, and cannot give it others, but for all of them. */
final class ExecRights {
    /** What Podman's names of limits begin with. */
    private static final String PODMANS = "RLIMIT_";

    private ExecRights() {}

    /** @throws ContainerRuntimeException UNSUPPORTED, naming what the exec is to have and the container has not */
    static void check(ProcessSpec exec, JsonNode container) {
        same(
                "added capabilities",
                Set.copyOf(exec.addedCapabilities()),
                container.path("CapAdd"),
                ExecRights::capability);
        same(
                "dropped capabilities",
                Set.copyOf(exec.droppedCapabilities()),
                container.path("CapDrop"),
                ExecRights::capability);
        same("groups", Set.copyOf(exec.groups()), container.path("GroupAdd"), UnaryOperator.identity());
        Set<String> ulimits = exec.ulimits().stream()
                .map(ulimit -> "%s=%d:%d".formatted(ulimit.name(), ulimit.soft(), ulimit.hard()))
                .collect(Collectors.toSet());
        JsonNode listed = container.path("Ulimits");
        Set<String> containers = StreamSupport.stream(listed.spliterator(), false)
                .map(ulimit -> "%s=%d:%d"
                        .formatted(
                                limit(ulimit.path("Name").asText()),
                                ulimit.path("Soft").asLong(),
                                ulimit.path("Hard").asLong()))
                .collect(Collectors.toSet());
        // Podman lists its defaults with those that were asked for.
        boolean hasDefaults = listed.path(0).path("Name").asText().startsWith(PODMANS);
        if (hasDefaults ? !containers.containsAll(ulimits) : !containers.equals(ulimits)) {
            throw unsupported("ulimits", ulimits, containers);
        }
        boolean has = Json.texts(container.path("SecurityOpt")).stream()
                .anyMatch(option -> option.startsWith(HostConfig.NO_NEW_PRIVILEGES));
        if (exec.isNoNewPrivileges() != has) {
            throw unsupported("no new privileges", exec.isNoNewPrivileges(), has);
        }
    }

    private static void same(String what, Set<String> wanted, JsonNode container, UnaryOperator<String> form) {
        Set<String> had = Json.texts(container).stream().map(form).collect(Collectors.toSet());
        if (!wanted.stream().map(form).collect(Collectors.toSet()).equals(had)) {
            throw unsupported(what, wanted, had);
        }
    }

    /** Podman calls {@code nofile} RLIMIT_NOFILE, as the kernel does. */
    private static String limit(String name) {
        return name.startsWith(PODMANS) ? name.substring(PODMANS.length()).toLowerCase(Locale.ROOT) : name;
    }

    private static String capability(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return upper.startsWith("CAP_") ? upper.substring("CAP_".length()) : upper;
    }

    private static ContainerRuntimeException unsupported(String what, Object wanted, Object had) {
        return new ContainerRuntimeException(
                Code.UNSUPPORTED,
                "%s of an exec: %s (expected: the container's, %s; a Docker Engine knows no others)"
                        .formatted(what, wanted, had));
    }
}
