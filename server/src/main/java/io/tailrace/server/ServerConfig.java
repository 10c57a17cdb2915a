package io.tailrace.server;

import io.tailrace.engine.EngineConfig;
import io.tailrace.engine.OnFullDisk;
import io.tailrace.engine.Sampling;
import io.tailrace.log.TimelineConfig;
import io.tailrace.runtime.containerd.ContainerdConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How a server runs. Each part is a section of the configuration file, and each value an environment variable
 * (docs/guides/configuration.md); {@link ConfigFile} reads both.
 *
 * @param dataDirectory where timelines are kept, and a private containerd its things
 * @param listen where it listens
 * @param access who may call
 * @param runtime what runs the containers
 * @param timelines how timelines are kept
 * @param limits what bounds one server
 * @param sampling how what containers use is watched
 */
public record ServerConfig(
        Path dataDirectory,
        Listen listen,
        Access access,
        RuntimeChoice runtime,
        Timelines timelines,
        Limits limits,
        Sampling sampling) {

    /**
     * Where a server listens.
     *
     * @param host an address, or a name of one; anything but a loopback address needs a token
     * @param port of all protocols; 0: a free one
     * @param secondPort the same services on a second port; 0: a free one; -1: none
     * @param unixSocket the same services on a unix socket that only its owner may open; empty: none
     */
    public record Listen(String host, int port, int secondPort, String unixSocket) {}

    /**
     * Who may call.
     *
     * @param tokens any of them lets in; none: everybody on a loopback address is let in
     * @param tokenFile a file with one more token; empty: none
     * @param hostNames names under which the server may be addressed, beside localhost and its addresses
     * @param origins web pages that may call, beside the server's own, such as {@code https://console.example.com}
     * @param binds paths of the host that containers may bind, with all that is below; {@code auto}: all of them on a server
     *     that listens on loopback only and has no token, else none
     * @param devices devices of the host that containers may use, likewise
     * @param privileged whether processes may be privileged, or have capabilities beyond the usual ones, likewise
     */
    public record Access(
            List<String> tokens,
            String tokenFile,
            List<String> hostNames,
            List<String> origins,
            List<String> binds,
            List<String> devices,
            Permission privileged) {
        /** Copies the lists. */
        public Access {
            tokens = List.copyOf(tokens);
            hostNames = List.copyOf(hostNames);
            origins = List.copyOf(origins);
            binds = List.copyOf(binds);
            devices = List.copyOf(devices);
        }

        /** With what containers may be given left to the server. */
        public Access(List<String> tokens, String tokenFile, List<String> hostNames, List<String> origins) {
            this(tokens, tokenFile, hostNames, origins, HostRights.AUTO, HostRights.AUTO, Permission.AUTO);
        }

        /** Of a server that only who has started it calls, by a token that nobody else knows. */
        public static Access ofItsUser(String token) {
            return new Access(List.of(token), "", List.of(), List.of(), List.of("/"), List.of("/"), Permission.ALLOW);
        }

        /** This, with another file that has a token. */
        public Access withTokenFile(String file) {
            return new Access(tokens, file, hostNames, origins, binds, devices, privileged);
        }
    }

    /** Whether something is allowed. */
    public enum Permission {
        /** On a server that listens on loopback only and has no token. */
        AUTO,
        /** Always. */
        ALLOW,
        /** Never. */
        REFUSE
    }

    /**
     * What runs the containers.
     *
     * @param name {@code containerd}, {@code docker}, or {@code auto}: containerd where it can be used, else docker
     * @param socket its socket; empty: the usual place, or a private containerd where there is none and this is root; with
     *     {@code auto} it is a containerd's
     * @param namespace the containerd namespace that holds what Tailrace makes
     * @param snapshotter the containerd snapshotter that holds file systems
     * @param hostsDirectory where containerd's {@code hosts.toml} files say how registries are reached, absolute; empty: nowhere
     * @param foreign whether containers of a Docker Engine that others made are followed, and may be controlled, as well
     */
    public record RuntimeChoice(
            String name, String socket, String namespace, String snapshotter, String hostsDirectory, boolean foreign) {
        /** This, by another name and socket. */
        public RuntimeChoice withSocket(String otherName, String otherSocket) {
            return new RuntimeChoice(otherName, otherSocket, namespace, snapshotter, hostsDirectory, foreign);
        }

        /** This, for the server's own containers alone. */
        public RuntimeChoice withoutForeign() {
            return new RuntimeChoice(name, socket, namespace, snapshotter, hostsDirectory, false);
        }
    }

    /**
     * How timelines are kept.
     *
     * @param retention how long a removed container's timelines stay readable
     * @param stopGrace how long a stopped process has before it is killed, where nobody says
     * @param drainTimeout how long output may stay open after its process has exited
     * @param timelineBytesMax retained bytes of one timeline
     * @param segmentBytesMax size of a timeline's segments
     * @param onFullDisk what becomes of containers whose output has no room, where they do not say
     * @param fsync when the disk is told to write
     */
    public record Timelines(
            Duration retention,
            Duration stopGrace,
            Duration drainTimeout,
            long timelineBytesMax,
            long segmentBytesMax,
            OnFullDisk onFullDisk,
            TimelineConfig.Fsync fsync) {}

    /**
     * What bounds one server.
     *
     * @param requestBytesMax of one request, or of one message of a stream
     * @param connectionsMax connections at once
     * @param streamsMax streams served at once
     * @param containersMax containers at once, removed ones within retention included
     * @param execsPerContainerMax execs of one container at once, ended ones within retention included
     * @param feedRecordsMax lifecycle records that the feed can replay
     * @param sessionsMax sessions of the Exec service at once that brought a command or a terminal
     * @param sessionsPerContainerMax of those, in one container
     */
    public record Limits(
            int requestBytesMax,
            int connectionsMax,
            int streamsMax,
            int containersMax,
            int execsPerContainerMax,
            int feedRecordsMax,
            int sessionsMax,
            int sessionsPerContainerMax) {}

    private static final int PORT = 8080;
    private static final int SECOND_PORT = 8000;

    /** The defaults of this machine and user: loopback, port 8080, the runtime that is found. */
    public static ServerConfig defaults() {
        return defaults(Places.dataDirectory());
    }

    /** The defaults with a data directory of one's own. */
    public static ServerConfig defaults(Path dataDirectory) {
        EngineConfig engine = EngineConfig.defaults(dataDirectory);
        return new ServerConfig(
                dataDirectory,
                new Listen("127.0.0.1", PORT, SECOND_PORT, Places.unixSocket().toString()),
                new Access(List.of(), "", List.of(), List.of()),
                new RuntimeChoice(
                        "auto", "", "tailrace", "overlayfs", ContainerdConfig.HOSTS_DIRECTORY.toString(), false),
                new Timelines(
                        engine.retention(),
                        engine.stopGrace(),
                        engine.drainTimeout(),
                        engine.timelineBytesMax(),
                        engine.segmentBytesMax(),
                        engine.onFullDisk(),
                        engine.fsync()),
                new Limits(
                        4 << 20,
                        10_000,
                        10_000,
                        engine.containersMax(),
                        engine.execsPerContainerMax(),
                        engine.feedRecordsMax(),
                        1_000,
                        10),
                engine.sampling());
    }

    /** The part of it that is the engine's. */
    EngineConfig engine() {
        return new EngineConfig(
                        dataDirectory,
                        timelines.retention(),
                        timelines.stopGrace(),
                        timelines.drainTimeout(),
                        timelines.timelineBytesMax(),
                        timelines.segmentBytesMax(),
                        timelines.onFullDisk(),
                        timelines.fsync(),
                        limits.containersMax(),
                        limits.execsPerContainerMax(),
                        limits.feedRecordsMax(),
                        sampling)
                .withHostAccess(HostRights.of(listen, access));
    }

    /** This, listening elsewhere. */
    public ServerConfig withListen(Listen other) {
        return new ServerConfig(dataDirectory, other, access, runtime, timelines, limits, sampling);
    }

    /** This, with other access. */
    public ServerConfig withAccess(Access other) {
        return new ServerConfig(dataDirectory, listen, other, runtime, timelines, limits, sampling);
    }

    /** This, with another runtime. */
    public ServerConfig withRuntime(RuntimeChoice other) {
        return new ServerConfig(dataDirectory, listen, access, other, timelines, limits, sampling);
    }

    /** This, keeping timelines otherwise. */
    public ServerConfig withTimelines(Timelines other) {
        return new ServerConfig(dataDirectory, listen, access, runtime, other, limits, sampling);
    }

    /** This, with other limits. */
    public ServerConfig withLimits(Limits other) {
        return new ServerConfig(dataDirectory, listen, access, runtime, timelines, other, sampling);
    }

    /** This, watching otherwise what containers use. */
    public ServerConfig withSampling(Sampling other) {
        return new ServerConfig(dataDirectory, listen, access, runtime, timelines, limits, other);
    }
}
