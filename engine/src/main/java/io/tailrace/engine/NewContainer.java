package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.HealthCheck;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.TerminalSize;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request for a container. Empty strings, empty lists and nulls mean "as the image says" or the default.
 *
 * @param id the client's own choice, 64 lower-case hex digits, so that a repeated create is recognised; empty: made here
 * @param name unique among containers, {@code [a-zA-Z0-9][a-zA-Z0-9_.-]*}, 1 to 128 characters; empty: made here
 * @param image reference or id of an image that is present
 * @param entrypoint replaces the image's; null keeps it
 * @param command replaces the image's; empty keeps it (and is nothing if an entrypoint was given)
 * @param environment added to the image's, same names replaced
 * @param workingDirectory absolute
 * @param user {@code user[:group]}
 * @param groups more groups, by name or number
 * @param hosts names that it resolves by itself
 * @param dns whom it asks for other names
 * @param ports those that are published while it runs
 * @param hasInit whether an init program is pid 1 and the process its child
 * @param devices of the host
 * @param hasStdin whether clients may write to it
 * @param isStdinOnce whether stdin ends when the first client that wrote to it ends or leaves
 * @param terminal the size of its terminal; null for none
 * @param isPrivileged all capabilities and devices
 * @param addedCapabilities beyond Docker's default set
 * @param droppedCapabilities out of it
 * @param isNoNewPrivileges whether no program that it runs may gain rights
 * @param ulimits what the kernel allows each of its processes
 * @param stopSignal as {@link Signal#parse} reads it; empty: the image's, else SIGTERM
 * @param stopGrace null: the engine's
 * @param onFullDisk what becomes of it when its output has no room on the disk; null: as the engine's config says
 * @param timeout how long its process may run before it is stopped with reason {@code timed out}; null: no limit
 * @param restart whether it is started again when its process has ended by itself
 * @param isAutoRemove whether it is removed when its process has exited; its timeline stays for the retention period
 * @param healthCheck null: the image's
 * @param idleTimeout how long its process may run without writing anything; null: no limit
 * @param timelineBytesMax retained bytes of its timeline; 0: as the engine's config says
 * @param retention how long its timeline stays after its removal; null: as the engine's config says
 * @param platform {@code os/architecture[/variant]} that the image must be of; empty: any
 * @param networks user-defined ones, in place of the default bridge
 */
public record NewContainer(
        String id,
        String name,
        String image,
        @Nullable List<String> entrypoint,
        List<String> command,
        Map<String, String> environment,
        String workingDirectory,
        String user,
        List<String> groups,
        String hostname,
        ContainerSpec.NetworkMode network,
        List<ContainerSpec.HostEntry> hosts,
        ContainerSpec.Dns dns,
        List<ContainerSpec.Port> ports,
        List<ContainerSpec.Mount> mounts,
        boolean isReadOnlyRoot,
        boolean hasInit,
        ContainerSpec.Limits limits,
        List<ContainerSpec.Device> devices,
        Map<String, String> labels,
        boolean hasStdin,
        boolean isStdinOnce,
        @Nullable TerminalSize terminal,
        boolean isPrivileged,
        List<String> addedCapabilities,
        List<String> droppedCapabilities,
        boolean isNoNewPrivileges,
        List<ProcessSpec.Ulimit> ulimits,
        String stopSignal,
        @Nullable Duration stopGrace,
        @Nullable Duration timeout,
        @Nullable OnFullDisk onFullDisk,
        RestartPolicy restart,
        boolean isAutoRemove,
        @Nullable HealthCheck healthCheck,
        @Nullable Duration idleTimeout,
        long timelineBytesMax,
        @Nullable Duration retention,
        String platform,
        List<ContainerSpec.NetworkAttachment> networks) {
    /** Copies the collections. What an earlier version did not write down is empty. */
    public NewContainer {
        entrypoint = entrypoint == null ? null : List.copyOf(entrypoint);
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        groups = groups == null ? List.of() : List.copyOf(groups);
        hosts = hosts == null ? List.of() : List.copyOf(hosts);
        dns = dns == null ? ContainerSpec.Dns.DEFAULT : dns;
        ports = ports == null ? List.of() : List.copyOf(ports);
        mounts = List.copyOf(mounts);
        restart = restart == null ? RestartPolicy.NO : restart;
        devices = devices == null ? List.of() : List.copyOf(devices);
        ulimits = ulimits == null ? List.of() : List.copyOf(ulimits);
        labels = Map.copyOf(labels);
        addedCapabilities = List.copyOf(addedCapabilities);
        droppedCapabilities = List.copyOf(droppedCapabilities);
        platform = platform == null ? "" : platform;
        networks = networks == null ? List.of() : List.copyOf(networks);
    }

    /** The same with what can be amended of a container that is there. */
    NewContainer amended(String newName, ContainerSpec.Limits newLimits, RestartPolicy newRestart) {
        return new NewContainer(
                id,
                newName,
                image,
                entrypoint,
                command,
                environment,
                workingDirectory,
                user,
                groups,
                hostname,
                network,
                hosts,
                dns,
                ports,
                mounts,
                isReadOnlyRoot,
                hasInit,
                newLimits,
                devices,
                labels,
                hasStdin,
                isStdinOnce,
                terminal,
                isPrivileged,
                addedCapabilities,
                droppedCapabilities,
                isNoNewPrivileges,
                ulimits,
                stopSignal,
                stopGrace,
                timeout,
                onFullDisk,
                newRestart,
                isAutoRemove,
                healthCheck,
                idleTimeout,
                timelineBytesMax,
                retention,
                platform,
                networks);
    }
}
