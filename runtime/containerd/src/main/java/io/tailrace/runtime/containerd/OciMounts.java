package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What is mounted into a container: the kernel's file systems, the files of {@link NetworkFiles}, the user's mounts. */
final class OciMounts {
    /** One mount, as runc takes it. */
    record OciMount(String destination, String type, String source, List<String> options) {}

    private OciMounts() {}

    static List<OciMount> of(ContainerSpec spec, Path files, ContainerdVolumes volumes) {
        List<OciMount> mounts = new ArrayList<>(kernel(spec.process().isPrivileged()));
        for (String name : NetworkFiles.NAMES) {
            mounts.add(new OciMount(
                    "/etc/" + name, "bind", files.resolve(name).toString(), List.of("rbind", "rprivate", "rw")));
        }
        if (spec.hasInit()) {
            mounts.add(new OciMount(
                    InitProgram.TARGET, "bind", InitProgram.find().toString(), List.of("bind", "rprivate", "ro")));
        }
        for (ContainerSpec.Mount mount : spec.mounts()) {
            OciMount wanted = of(mount, volumes);
            mounts.removeIf(existing -> existing.destination().equals(wanted.destination()));
            mounts.add(wanted);
        }
        return mounts;
    }

    private static List<OciMount> kernel(boolean isPrivileged) {
        String access = isPrivileged ? "rw" : "ro";
        return List.of(
                new OciMount("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev")),
                new OciMount("/dev", "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k")),
                new OciMount(
                        "/dev/pts",
                        "devpts",
                        "devpts",
                        List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5")),
                new OciMount("/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", access)),
                new OciMount(
                        "/sys/fs/cgroup", "cgroup", "cgroup", List.of("nosuid", "noexec", "nodev", "relatime", access)),
                new OciMount("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev")),
                new OciMount(
                        "/dev/shm", "tmpfs", "shm", List.of("nosuid", "noexec", "nodev", "mode=1777", "size=65536k")));
    }

    private static OciMount of(ContainerSpec.Mount mount, ContainerdVolumes volumes) {
        if (!mount.target().startsWith("/") || mount.target().equals("/")) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "mount target: %s (expected: an absolute path below /)".formatted(mount.target()));
        }
        String access = mount.isReadOnly() ? "ro" : "rw";
        return switch (mount.type()) {
            case BIND -> {
                if (!mount.source().startsWith("/") || !Files.exists(Path.of(mount.source()))) {
                    throw new ContainerRuntimeException(
                            Code.INVALID_ARGUMENT,
                            "mount source: %s (expected: an absolute path that exists on the host)"
                                    .formatted(mount.source()));
                }
                String propagation =
                        mount.options().isEmpty() ? "rprivate" : mount.options().getFirst();
                yield new OciMount(mount.target(), "bind", mount.source(), List.of("rbind", propagation, access));
            }
            case VOLUME ->
                new OciMount(
                        mount.target(),
                        "bind",
                        volumes.get(mount.source()).path(),
                        List.of("rbind", "rprivate", access));
            case TMPFS -> {
                List<String> options = new ArrayList<>(List.of("nosuid", "nodev", "noexec", "mode=1777", access));
                if (mount.sizeBytes() > 0) {
                    options.add("size=" + mount.sizeBytes());
                }
                // Of two that contradict each other the kernel takes the later.
                options.addAll(mount.options());
                yield new OciMount(mount.target(), "tmpfs", "tmpfs", options);
            }
        };
    }
}
