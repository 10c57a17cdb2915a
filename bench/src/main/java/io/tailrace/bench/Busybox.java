package io.tailrace.bench;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The system's static busybox as a root file system: a directory, and the same as a tar archive to make images of.
 *
 * @param root the directory
 * @param archive its archive
 */
record Busybox(Path root, Path archive) {
    /** Makes both below a directory. */
    static Busybox unpack(Path directory) throws IOException, InterruptedException {
        Path root = directory.resolve("root");
        Path bin = Files.createDirectories(root.resolve("bin"));
        for (String name : List.of("dev", "etc", "proc", "root", "sys", "tmp")) {
            Files.createDirectory(root.resolve(name));
        }
        Path binary = bin.resolve("busybox");
        Files.copy(Programs.require("busybox"), binary);
        for (String applet :
                Programs.run(List.of(binary.toString(), "--list")).lines().toList()) {
            try {
                Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
            } catch (FileAlreadyExistsException busyboxItself) {
                // The list names the binary as well.
            }
        }
        Path archive = directory.resolve("root.tar");
        Programs.run(
                List.of(Programs.require("tar").toString(), "-C", root.toString(), "-cf", archive.toString(), "."));
        return new Busybox(root, archive);
    }

    /** Its shell on the host. */
    String shell() {
        return root.resolve("bin").resolve("sh").toString();
    }

    /** A command for the host, with the very programs that are in the image. */
    List<String> onHost(List<String> command) {
        return concatenate(List.of(Programs.require("env").toString(), "PATH=" + root.resolve("bin")), command);
    }

    /** A workload's command for the host. */
    List<String> commandOnHost(Workload workload) {
        return onHost(workload.command(shell()));
    }

    /** One list after the other. */
    static List<String> concatenate(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }
}
