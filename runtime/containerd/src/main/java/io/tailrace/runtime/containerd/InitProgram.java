package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The program that is pid 1 where a container is to have an init: it hands signals on to the process, reaps orphans, and
 * ends as the process does. The host's own is mounted into the container; it has to be one without libraries to load.
 */
final class InitProgram {
    /** Where a container sees it: in a file system that is made for every run, so that nothing stays in the container's. */
    static final String TARGET = "/dev/init";

    private static final List<String> NAMES = List.of("tini-static", "docker-init", "catatonit");
    private static final List<Path> DIRECTORIES = List.of(
            Path.of("/usr/bin"),
            Path.of("/usr/local/bin"),
            Path.of("/usr/sbin"),
            Path.of("/usr/libexec/docker"),
            Path.of("/usr/libexec/podman"));

    private InitProgram() {}

    static Path find() {
        return NAMES.stream()
                .flatMap(name -> DIRECTORIES.stream().map(directory -> directory.resolve(name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new ContainerRuntimeException(
                        Code.UNSUPPORTED,
                        "init: no init program on this machine (expected: one of %s in one of %s; Debian's package tini)"
                                .formatted(NAMES, DIRECTORIES)));
    }

    /** The command of a process that is to be its child. */
    static List<String> before(List<String> arguments) {
        List<String> all = new ArrayList<>(List.of(TARGET, "--"));
        all.addAll(arguments);
        return all;
    }
}
