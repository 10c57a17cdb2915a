package io.tailrace.runtime.spi;

import java.util.List;
import java.util.Map;

/**
 * What a container is made of. Complete: the engine has already merged the image's defaults into {@code process}.
 *
 * @param id 64 lower-case hex digits, unique in the runtime
 * @param image an image reference or id that {@link Images#get} knows
 * @param process the init process
 * @param hostname the host name inside; empty: the id's first 12 digits
 * @param network which network it sees
 * @param mounts binds and tmpfs, in the order they are mounted
 * @param isReadOnlyRoot whether the root file system refuses writes
 * @param limits resource limits
 * @param labels as the user gave them; the runtime may keep them for other tools to see
 */
public record ContainerSpec(
        String id,
        String image,
        ProcessSpec process,
        String hostname,
        NetworkMode network,
        List<Mount> mounts,
        boolean isReadOnlyRoot,
        Limits limits,
        Map<String, String> labels) {
    /** Copies the collections. */
    public ContainerSpec {
        mounts = List.copyOf(mounts);
        labels = Map.copyOf(labels);
    }

    /** Which network a container sees. */
    public enum NetworkMode {
        /** Only its own loopback interface. */
        NONE,
        /** The host's own network. */
        HOST,
        /** An address of its own on the default bridge, with the way out masqueraded. */
        BRIDGE
    }

    /**
     * A directory or file that is mounted into the container.
     *
     * @param type what is mounted
     * @param source an absolute path on the host; empty for tmpfs
     * @param target an absolute path inside
     * @param isReadOnly whether writes are refused
     * @param sizeBytes a tmpfs's limit; 0 for none
     */
    public record Mount(Type type, String source, String target, boolean isReadOnly, long sizeBytes) {
        /** The kinds of mounts. */
        public enum Type {
            /** A path of the host. */
            BIND,
            /** Memory. */
            TMPFS
        }
    }

    /**
     * Resource limits; 0 means no limit.
     *
     * @param memoryBytes memory
     * @param memorySwapBytes memory and swap together; 0: as much swap as memory, as Docker does; -1: swap without limit
     * @param cpuNanos processor time per second, in units of 10^-9 processors
     * @param cpuShares relative weight, 2 to 262144; 0: the default, 1024
     * @param cpus the processors it may run on, as {@code 0-2,4}; empty: all
     * @param pids processes and threads at once
     */
    public record Limits(
            long memoryBytes, long memorySwapBytes, long cpuNanos, long cpuShares, String cpus, long pids) {
        /** No limits at all. */
        public static final Limits NONE = new Limits(0, 0, 0, 0, "", 0);
    }
}
