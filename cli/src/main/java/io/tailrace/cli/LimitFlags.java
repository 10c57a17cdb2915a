package io.tailrace.cli;

import io.tailrace.client.ContainerSpec;
import io.tailrace.client.ContainerUpdate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** docker's flags for what a container may use. */
final class LimitFlags {
    @Option(
            names = {"-m", "--memory"},
            paramLabel = "SIZE",
            description = "Limit memory: 64m, 1.5g.")
    private @Nullable String memory;

    @Option(names = "--memory-swap", paramLabel = "SIZE", description = "Limit memory and swap together; -1: no limit.")
    private @Nullable String memorySwap;

    @Option(names = "--cpus", paramLabel = "NUMBER", description = "Limit processor time: 0.5, 2.")
    private @Nullable Double cpus;

    @Option(
            names = {"--cpu-shares", "-c"},
            paramLabel = "WEIGHT",
            description = "Its weight where processors are scarce.")
    private @Nullable Long cpuShares;

    @Option(names = "--cpuset-cpus", paramLabel = "LIST", description = "The processors it may run on: 0-1,3.")
    private @Nullable String cpuset;

    @Option(names = "--pids-limit", paramLabel = "NUMBER", description = "Limit processes and threads.")
    private @Nullable Long pids;

    void set(ContainerSpec spec) {
        ContainerFlags.ifGiven(memory, spec::memory);
        ContainerFlags.ifGiven(memorySwap, spec::memorySwap);
        ContainerFlags.ifGiven(cpus, spec::cpus);
        ContainerFlags.ifGiven(cpuShares, spec::cpuShares);
        ContainerFlags.ifGiven(cpuset, spec::cpuset);
        ContainerFlags.ifGiven(pids, spec::pids);
    }

    void set(ContainerUpdate update) {
        ContainerFlags.ifGiven(memory, update::memory);
        ContainerFlags.ifGiven(memorySwap, update::memorySwap);
        ContainerFlags.ifGiven(cpus, update::cpus);
        ContainerFlags.ifGiven(cpuShares, update::cpuShares);
        ContainerFlags.ifGiven(cpuset, update::cpuset);
        ContainerFlags.ifGiven(pids, update::pids);
    }
}
