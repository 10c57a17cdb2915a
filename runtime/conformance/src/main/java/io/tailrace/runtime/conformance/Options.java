package io.tailrace.runtime.conformance;

import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Device;
import io.tailrace.runtime.spi.ContainerSpec.Dns;
import io.tailrace.runtime.spi.ContainerSpec.HostEntry;
import io.tailrace.runtime.spi.ContainerSpec.Mount;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.ProcessSpec.Ulimit;
import java.util.List;
import java.util.Map;

/** What a test of options asks for; all that it does not set is the default. Not thread-safe. */
final class Options {
    private final String image;
    private final List<String> command;
    List<String> groups = List.of();
    List<Ulimit> ulimits = List.of();
    boolean isNoNewPrivileges;
    List<HostEntry> hosts = List.of();
    Dns dns = Dns.DEFAULT;
    List<Mount> mounts = List.of();
    boolean hasInit;
    boolean hasStdin;
    boolean isReadOnlyRoot;
    List<Device> devices = List.of();

    Options(String image, List<String> command) {
        this.image = image;
        this.command = command;
    }

    /** With an id of its own each time. */
    ContainerSpec spec() {
        ProcessSpec process = new ProcessSpec(
                command,
                List.of(),
                "/",
                "",
                groups,
                hasStdin,
                null,
                false,
                List.of(),
                List.of(),
                isNoNewPrivileges,
                ulimits);
        return new ContainerSpec(
                Bench.newId(),
                image,
                process,
                "",
                ContainerSpec.NetworkMode.NONE,
                hosts,
                dns,
                List.of(),
                mounts,
                isReadOnlyRoot,
                hasInit,
                ContainerSpec.Limits.NONE,
                devices,
                Map.of(),
                List.of());
    }
}
