package io.tailrace.client;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything the server says about a container; a snapshot.
 *
 * @param id 64 hex digits
 * @param image as it was asked for
 * @param imageId {@code sha256:} and 64 hex digits
 * @param arguments what runs: entrypoint and command, the image's defaults merged in
 * @param environment as it was asked for, without the image's own
 * @param groups more groups for the user, by name or number
 * @param hosts names that it resolves by itself
 * @param dns whom it asks for others
 * @param wantedPorts those that are to be published
 * @param mounts what is mounted: what was asked for, and volumes where the image wants some; each volume by its name
 * @param hasInit whether an init program is pid 1
 * @param terminalSize null without a terminal
 * @param isNoNewPrivileges whether no program that it runs may gain rights
 * @param stopSignal empty: the image's, else SIGTERM
 * @param stopGrace null: the server's
 * @param timeout how long it may run; null: no limit
 * @param onFullDisk what becomes of it when its output has no room; null: as the server is configured
 * @param restart whether it is started again when its process has ended by itself
 * @param healthCheck as it was asked for; null: the image's
 * @param isAutoRemove whether it is removed when it has exited
 * @param runtime the name of the runtime that it runs in
 * @param isForeign whether others made it, and it is followed only
 * @param address its own on the bridge, or in the first of its networks, while it runs; else empty
 * @param ports those that are published now, each with its host port
 * @param alerts of what it uses more than the server's thresholds say: {@code cpu}, {@code memory}, {@code disk_read},
 *     {@code disk_write}, {@code network_received}, {@code network_sent}
 * @param wantedNetworks user-defined ones that it is to be attached to
 * @param networks those that it is attached to now, each with its address and all its names there
 * @param health how healthy its latest run is; null where it has no health check
 * @param crash why its latest run ended, if that is over and ended by itself, not with 0; null also in a list
 */
public record ContainerInfo(
        String id,
        String name,
        String image,
        String imageId,
        List<String> arguments,
        ProcessStatus status,
        Map<String, String> labels,
        Map<String, String> environment,
        String workingDirectory,
        String user,
        List<String> groups,
        String hostname,
        NetworkMode network,
        List<HostEntry> hosts,
        Dns dns,
        List<Port> wantedPorts,
        List<Mount> mounts,
        boolean isReadOnlyRoot,
        boolean hasInit,
        Limits limits,
        List<Device> devices,
        boolean hasStdin,
        boolean hasTerminal,
        @Nullable TerminalSize terminalSize,
        boolean isPrivileged,
        List<String> addedCapabilities,
        List<String> droppedCapabilities,
        boolean isNoNewPrivileges,
        List<Ulimit> ulimits,
        String stopSignal,
        @Nullable Duration stopGrace,
        @Nullable Duration timeout,
        @Nullable OnFullDisk onFullDisk,
        RestartPolicy restart,
        @Nullable HealthCheck healthCheck,
        boolean isAutoRemove,
        String runtime,
        boolean isForeign,
        String address,
        List<Port> ports,
        List<String> alerts,
        List<NetworkAttachment> wantedNetworks,
        List<NetworkAttachment> networks,
        @Nullable HealthStatus health,
        @Nullable CrashReport crash) {}
