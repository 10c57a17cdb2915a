package io.tailrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A Docker Engine of the comparisons' own, used as people use it: by its command line, and by its API. */
final class Docker implements AutoCloseable {
    private final Path socket;
    private final Daemon daemon;
    private final String program;

    private Docker(Path socket, Daemon daemon, String program) {
        this.socket = socket;
        this.daemon = daemon;
        this.program = program;
    }

    /** Whether this machine has an engine and its command line. */
    static boolean isInstalled() {
        return Programs.find("dockerd").isPresent() && Programs.find("docker").isPresent();
    }

    /** Starts an engine with Docker's defaults, but without the networks that no container here uses. */
    static Docker start(Path directory, Containerd containerd, Busybox busybox)
            throws IOException, InterruptedException {
        Docker docker = startEngine(directory, containerd, "moby");
        try {
            Programs.run(docker.command("import", busybox.archive().toString(), Rig.IMAGE));
            return docker;
        } catch (IOException | InterruptedException | RuntimeException e) {
            docker.close();
            throw e;
        }
    }

    /** Starts an engine that has no image. Returns when it answers. @param namespace of its containers in containerd */
    static Docker startEngine(Path directory, Containerd containerd, String namespace)
            throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Path socket = directory.resolve("docker.sock");
        List<String> command = List.of(
                Programs.require("dockerd").toString(),
                "--host=unix://" + socket,
                "--containerd=" + containerd.socket(),
                "--containerd-namespace=" + namespace,
                "--containerd-plugins-namespace=plugins." + namespace,
                "--data-root=" + directory.resolve("data"),
                "--exec-root=" + directory.resolve("exec"),
                "--pidfile=" + directory.resolve("dockerd.pid"),
                "--config-file=" + Files.writeString(directory.resolve("daemon.json"), "{}"),
                "--bridge=none",
                "--iptables=false",
                "--ip6tables=false");
        DockerApi api = new DockerApi(socket);
        Daemon daemon = Daemon.start("dockerd", directory.resolve("dockerd.log"), Map.of(), command, api::isResponding);
        return new Docker(socket, daemon, Programs.require("docker").toString());
    }

    /** The engine's process. */
    ServerProcess process() {
        return new ServerProcess(daemon.pid());
    }

    /** A docker command for this engine. */
    List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(program, "--host", "unix://" + socket));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Makes a container that waits to be started. @return its id */
    String create(List<String> inContainer) throws IOException, InterruptedException {
        List<String> command = command("create", "--network", "none", Rig.IMAGE);
        command.addAll(inContainer);
        return Programs.run(command);
    }

    /** Removes a container. */
    void remove(String id) throws IOException, InterruptedException {
        Programs.run(command("rm", "--force", id));
    }

    /** The engine's API, without a client in between. */
    DockerApi api() {
        return new DockerApi(socket);
    }

    /** The engine's version. */
    String version() throws IOException, InterruptedException {
        return Programs.run(command("version", "--format", "{{.Server.Version}}"));
    }

    @Override
    public void close() {
        daemon.close();
    }
}
