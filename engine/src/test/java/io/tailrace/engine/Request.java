package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.HealthCheck;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.TerminalSize;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds requests whose other values are the defaults. */
final class Request {
    private final List<String> command;
    private String id = "";
    private String name = "";
    private String image = "scripted";
    private Map<String, String> environment = Map.of();
    private ContainerSpec.Limits limits = ContainerSpec.Limits.NONE;
    private Map<String, String> labels = Map.of();
    private boolean hasStdin;
    private @Nullable TerminalSize terminal;
    private @Nullable List<String> entrypoint;
    private String workingDirectory = "";
    private String stopSignal = "";
    private @Nullable Duration timeout;
    private @Nullable Duration idleTimeout;
    private long timelineBytesMax;
    private @Nullable Duration retention;
    private String platform = "";
    private boolean isPrivileged;
    private List<String> addedCapabilities = List.of();
    private @Nullable Duration stopGrace;
    private @Nullable OnFullDisk onFullDisk;
    private RestartPolicy restart = RestartPolicy.NO;
    private boolean isAutoRemove;
    private List<String> groups = List.of();
    private List<ContainerSpec.HostEntry> hosts = List.of();
    private ContainerSpec.Dns dns = ContainerSpec.Dns.DEFAULT;
    private ContainerSpec.NetworkMode network = ContainerSpec.NetworkMode.NONE;
    private List<ContainerSpec.Port> ports = List.of();
    private List<ContainerSpec.NetworkAttachment> networks = List.of();
    private List<ContainerSpec.Mount> mounts = List.of();
    private List<ContainerSpec.Device> devices = List.of();
    private List<ProcessSpec.Ulimit> ulimits = List.of();

    private @Nullable HealthCheck healthCheck;

    Request(String... command) {
        this.command = List.of(command);
    }

    Request id(String value) {
        id = value;
        return this;
    }

    Request name(String value) {
        name = value;
        return this;
    }

    Request image(String value) {
        image = value;
        return this;
    }

    Request environment(Map<String, String> value) {
        environment = value;
        return this;
    }

    Request labels(Map<String, String> value) {
        labels = value;
        return this;
    }

    Request onFullDisk(OnFullDisk value) {
        onFullDisk = value;
        return this;
    }

    Request memoryBytes(long value) {
        limits = new ContainerSpec.Limits(value, 0, 0, 0, "", 0);
        return this;
    }

    Request withStdin() {
        hasStdin = true;
        return this;
    }

    Request terminal(TerminalSize value) {
        terminal = value;
        return this;
    }

    Request entrypoint(String... value) {
        entrypoint = List.of(value);
        return this;
    }

    Request workingDirectory(String value) {
        workingDirectory = value;
        return this;
    }

    Request stopSignal(String value) {
        stopSignal = value;
        return this;
    }

    Request timeout(Duration value) {
        timeout = value;
        return this;
    }

    Request idleTimeout(Duration value) {
        idleTimeout = value;
        return this;
    }

    Request timelineBytesMax(long value) {
        timelineBytesMax = value;
        return this;
    }

    Request retention(Duration value) {
        retention = value;
        return this;
    }

    Request platform(String value) {
        platform = value;
        return this;
    }

    Request privileged() {
        isPrivileged = true;
        return this;
    }

    Request addedCapabilities(String... value) {
        addedCapabilities = List.of(value);
        return this;
    }

    Request stopGrace(Duration value) {
        stopGrace = value;
        return this;
    }

    Request restart(RestartPolicy.Kind kind, int retriesMax) {
        restart = new RestartPolicy(kind, retriesMax);
        return this;
    }

    Request autoRemove() {
        isAutoRemove = true;
        return this;
    }

    Request groups(String... value) {
        groups = List.of(value);
        return this;
    }

    Request hosts(ContainerSpec.HostEntry... value) {
        hosts = List.of(value);
        return this;
    }

    Request dns(ContainerSpec.Dns value) {
        dns = value;
        return this;
    }

    /** On the bridge. */
    Request networks(ContainerSpec.NetworkAttachment... value) {
        network = ContainerSpec.NetworkMode.BRIDGE;
        networks = List.of(value);
        return this;
    }

    Request ports(ContainerSpec.Port... value) {
        network = ContainerSpec.NetworkMode.BRIDGE;
        ports = List.of(value);
        return this;
    }

    Request mounts(ContainerSpec.Mount... value) {
        mounts = List.of(value);
        return this;
    }

    Request devices(ContainerSpec.Device... value) {
        devices = List.of(value);
        return this;
    }

    Request ulimits(ProcessSpec.Ulimit... value) {
        ulimits = List.of(value);
        return this;
    }

    Request healthCheck(HealthCheck value) {
        healthCheck = value;
        return this;
    }

    NewContainer build() {
        return new NewContainer(
                id,
                name,
                image,
                entrypoint,
                command,
                environment,
                workingDirectory,
                "",
                groups,
                "",
                network,
                hosts,
                dns,
                ports,
                mounts,
                false,
                false,
                limits,
                devices,
                labels,
                hasStdin,
                false,
                terminal,
                isPrivileged,
                addedCapabilities,
                List.of(),
                false,
                ulimits,
                stopSignal,
                stopGrace,
                timeout,
                onFullDisk,
                restart,
                isAutoRemove,
                healthCheck,
                idleTimeout,
                timelineBytesMax,
                retention,
                platform,
                networks);
    }
}
