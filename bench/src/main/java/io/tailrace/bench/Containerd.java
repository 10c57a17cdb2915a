package io.tailrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A containerd of the comparisons' own. */
final class Containerd implements AutoCloseable {
    private final Path socket;
    private final Daemon daemon;
    private int runs;

    private Containerd(Path socket, Daemon daemon) {
        this.socket = socket;
        this.daemon = daemon;
    }

    static Containerd start(Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Path socket = directory.resolve("containerd.sock");
        String settings = """
                version = 2
                root = "%1$s/root"
                state = "%1$s/state"
                disabled_plugins = ["io.containerd.grpc.v1.cri"]
                [grpc]
                  address = "%2$s"
                """.formatted(directory, socket);
        Path config = Files.writeString(directory.resolve("config.toml"), settings);
        List<String> command = List.of(Programs.require("containerd").toString(), "--config", config.toString());
        Daemon daemon = Daemon.start(
                "containerd", directory.resolve("containerd.log"), Map.of(), command, () -> Rig.accepts(socket));
        return new Containerd(socket, daemon);
    }

    /** Where it listens. */
    Path socket() {
        return socket;
    }

    /** A command that runs another in a container by containerd's own client, without an image. */
    List<String> runCommand(Busybox busybox, List<String> inContainer) {
        runs++;
        List<String> command = new ArrayList<>(List.of(
                Programs.require("ctr").toString(),
                "--address",
                socket.toString(),
                "--namespace",
                "bench",
                "run",
                "--rm",
                "--rootfs",
                busybox.root().toString(),
                "run-" + runs));
        command.addAll(inContainer);
        return command;
    }

    @Override
    public void close() {
        daemon.close();
    }
}
