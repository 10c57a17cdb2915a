package io.tailrace.runtime.containerd;

/** What containers are made with, shared by all of one runtime. */
record Services(
        Containerd containerd,
        KeeperClient keeper,
        Snapshots snapshots,
        BridgeNetwork network,
        ContainerdNetworks networks,
        ContainerdVolumes volumes,
        ContainerdConfig config) {}
