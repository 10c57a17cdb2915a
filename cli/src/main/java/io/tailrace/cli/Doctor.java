package io.tailrace.cli;

import io.tailrace.client.TailraceException;
import io.tailrace.runtime.containerd.PrivateContainerd;
import io.tailrace.server.DockerSockets;
import io.tailrace.server.ServerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks at this machine, and changes nothing. */
final class Doctor {
    private static final int JAVA_MIN = 25;
    private static final long DISK_BYTES_MIN = 1L << 30;
    private static final long PROGRAM_TIMEOUT_SECONDS = 5;
    private static final Path CONTAINERD_SOCKET = Path.of("/run/containerd/containerd.sock");
    private static final List<String> CNI_DIRECTORIES = List.of("/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni");
    private static final String APT = "apt-get install ";

    private final Tool tool;
    private final Path data;
    private final Optional<String> docker = DockerSockets.usual();
    private final List<Finding> findings = new ArrayList<>();

    Doctor(Tool tool, @Nullable Path data) {
        this.tool = tool;
        this.data = data == null ? ServerConfig.defaults().dataDirectory() : data;
    }

    List<Finding> examine() {
        java();
        user();
        program("containerd", "--version", APT + "containerd");
        program("runc", "--version", APT + "runc");
        program("ctr", "--version", APT + "containerd");
        containerdSocket();
        dockerSocket();
        networkPlugins();
        busybox();
        controlGroups();
        overlay();
        disk();
        server();
        return findings;
    }

    private void java() {
        int feature = Runtime.version().feature();
        var detail = "%s (%s)".formatted(Runtime.version(), System.getProperty("java.home"));
        findings.add(
                feature >= JAVA_MIN
                        ? Finding.ok("java", detail)
                        : Finding.missing("java", detail, "install a JDK %d or later".formatted(JAVA_MIN)));
    }

    private void user() {
        var user = System.getProperty("user.name");
        findings.add(
                user.equals("root")
                        ? Finding.ok("user", "root")
                        : Finding.missing(
                                "user", user + ": the server must be root to run containers", "sudo tailrace server"));
    }

    private void program(String name, String argument, String remedy) {
        var path = Programs.find(name);
        if (path.isEmpty()) {
            findings.add(
                    docker.isPresent()
                            ? Finding.note(name, "not found: the server uses the Docker Engine", remedy)
                            : Finding.missing(name, "not found", remedy));
            return;
        }
        findings.add(Finding.ok(name, "%s (%s)".formatted(firstLine(path.get(), argument), path.get())));
    }

    private void containerdSocket() {
        if (PrivateContainerd.isReachable(CONTAINERD_SOCKET)) {
            findings.add(Finding.ok("containerd socket", CONTAINERD_SOCKET + ": reachable"));
        } else {
            findings.add(Finding.ok(
                    "containerd socket",
                    CONTAINERD_SOCKET + ": nobody listens; the server starts a private containerd"));
        }
    }

    private void dockerSocket() {
        findings.add(Finding.ok(
                "docker socket",
                docker.map(socket -> socket + ": used with --runtime docker, or where containerd cannot be")
                        .orElse("none; it would do instead of containerd")));
    }

    private void networkPlugins() {
        for (var directory : CNI_DIRECTORIES) {
            var missing = Stream.of("bridge", "host-local", "loopback")
                    .filter(plugin -> !Files.isExecutable(Path.of(directory, plugin)))
                    .toList();
            if (missing.isEmpty()) {
                findings.add(Finding.ok("network plugins", directory));
                return;
            }
        }
        findings.add(Finding.note(
                "network plugins",
                "not found: containers need --network host or none",
                APT + "containernetworking-plugins iptables"));
    }

    private void busybox() {
        findings.add(
                BusyboxImage.isPossible()
                        ? Finding.ok("busybox", "static: 'tailrace image busybox' makes an image of it")
                        : Finding.note("busybox", "no static one: the demo needs it", APT + "busybox-static"));
    }

    private void controlGroups() {
        try {
            if (Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"))) {
                var controllers = Files.readString(Path.of("/sys/fs/cgroup/cgroup.controllers"))
                        .strip();
                findings.add(Finding.ok("cgroups", "version 2: " + controllers));
                return;
            }
            var mounted = Stream.of("memory", "cpu", "pids", "freezer")
                    .filter(controller -> Files.isDirectory(Path.of("/sys/fs/cgroup", controller)))
                    .toList();
            findings.add(
                    mounted.isEmpty()
                            ? Finding.missing("cgroups", "none at /sys/fs/cgroup", "mount them")
                            : Finding.ok("cgroups", "version 1: " + String.join(" ", mounted)));
        } catch (IOException e) {
            findings.add(Finding.note("cgroups", "cannot be read: " + e.getMessage(), ""));
        }
    }

    private void overlay() {
        try {
            boolean isKnown =
                    Files.readString(Path.of("/proc/filesystems")).lines().anyMatch(line -> line.endsWith("\toverlay"));
            findings.add(
                    isKnown
                            ? Finding.ok("overlay file system", "known to the kernel")
                            : Finding.note("overlay file system", "not loaded", "modprobe overlay"));
        } catch (IOException e) {
            findings.add(Finding.note("overlay file system", "cannot tell: " + e.getMessage(), ""));
        }
    }

    private void disk() {
        var existing = data;
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        try {
            var store = Files.getFileStore(existing == null ? Path.of("/") : existing);
            var detail = "%s: %s free (%s)".formatted(data, Words.bytes(store.getUsableSpace()), store.type());
            findings.add(
                    store.getUsableSpace() >= DISK_BYTES_MIN
                            ? Finding.ok("data directory", detail)
                            : Finding.note("data directory", detail, "free some space, or give another with --data"));
        } catch (IOException e) {
            findings.add(Finding.note("data directory", data + ": " + e.getMessage(), ""));
        }
    }

    private void server() {
        try {
            if (ServerSession.isServerThere(tool)) {
                runningServer();
                return;
            }
        } catch (TailraceException e) {
            findings.add(Finding.note("server", e.getMessage(), "tailrace server, or another context"));
            return;
        }
        findings.add(Finding.ok("server", "none runs here; 'tailrace server' starts one"));
        var listen = ServerConfig.defaults().listen();
        for (int port : new int[] {listen.port(), listen.secondPort()}) {
            if (port > 0) {
                port(port);
            }
        }
    }

    private void runningServer() {
        try (var tailrace = tool.connect()) {
            var info = tailrace.info();
            findings.add(Finding.ok("server", "%s, version %s".formatted(tailrace.address(), info.version())));
            info.problems().forEach(problem -> findings.add(Finding.note("server", problem, "")));
        }
    }

    private void port(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            findings.add(Finding.ok("port " + socket.getLocalPort(), "free"));
        } catch (IOException e) {
            findings.add(Finding.note(
                    "port " + port,
                    "taken: " + String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT),
                    "tailrace server --listen 127.0.0.1:PORT"));
        }
    }

    private static String firstLine(Path program, String argument) {
        try {
            var process = new ProcessBuilder(program.toString(), argument)
                    .redirectErrorStream(true)
                    .start();
            try (var output = process.inputReader(StandardCharsets.UTF_8)) {
                var line = output.readLine();
                return process.waitFor(PROGRAM_TIMEOUT_SECONDS, TimeUnit.SECONDS) && line != null
                        ? line
                        : "did not answer";
            } finally {
                process.destroy();
            }
        } catch (IOException e) {
            return "cannot be run: " + e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }
}
