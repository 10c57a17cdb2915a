package io.tailrace.runtime.containerd;

import java.io.IOException;
import java.util.Set;

/**
 * File systems in which the kernel shows itself: proc, sysfs and the like, which every running container has. What is in them
 * is not the container's, has no size, and may block whoever reads it, so that it is not copied.
 */
final class KernelFiles {
    /** As linux/magic.h has them: proc, sysfs, cgroup, cgroup2, mqueue, devpts, debugfs, tracefs, securityfs, bpf, pstore. */
    private static final Set<Long> MAGIC = Set.of(
            0x9fa0L,
            0x62656572L,
            0x27e0ebL,
            0x63677270L,
            0x19800202L,
            0x1cd1L,
            0x64626720L,
            0x74726163L,
            0x73636673L,
            0xcafe4a11L,
            0x6165676cL);

    private KernelFiles() {}

    static boolean holds(int descriptor) throws IOException {
        return MAGIC.contains(LinuxFiles.fileSystem(descriptor));
    }
}
