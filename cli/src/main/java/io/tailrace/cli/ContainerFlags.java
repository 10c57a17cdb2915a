package io.tailrace.cli;

import io.tailrace.client.ByteSize;
import io.tailrace.client.ContainerSpec;
import io.tailrace.client.OnFullDisk;
import io.tailrace.client.RestartPolicy;
import io.tailrace.client.TerminalSize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What {@code run} and {@code create} have in common: docker's flags for what a container is to be. */
final class ContainerFlags {
    @Option(names = "--name", paramLabel = "NAME", description = "A unique name (default: made up).")
    private @Nullable String name;

    @Option(
            names = "--id",
            paramLabel = "ID",
            description = "The id, 64 hex digits: repeating the command with it makes no second container.")
    private @Nullable String id;

    @Mixin
    private ProcessFlags process = new ProcessFlags();

    @Option(
            names = {"-h", "--hostname"},
            paramLabel = "NAME",
            description = "The container's own name in its network.")
    private @Nullable String hostname;

    @Mixin
    private NetworkFlags networks = new NetworkFlags();

    @Option(
            names = {"-v", "--volume"},
            paramLabel = "[SOURCE:]TARGET[:ro,rslave]",
            description =
                    "Mount a path of the server's host, or a named volume, which is made if there is none; TARGET "
                            + "alone: a volume of its own.")
    private List<String> volumes = new ArrayList<>();

    @Option(
            names = "--mount",
            paramLabel = "type=bind,source=S,target=T[,readonly]",
            description = "The same in words; or type=volume,source=NAME,target=T[,volume-nocopy], or "
                    + "type=tmpfs,target=T[,tmpfs-size=64m].")
    private List<String> mounts = new ArrayList<>();

    @Option(
            names = "--tmpfs",
            paramLabel = "TARGET[:size=64m,mode=1777]",
            description = "Mount a file system in memory.")
    private List<String> temporaryFileSystems = new ArrayList<>();

    @Option(names = "--read-only", description = "Make the root file system read-only.")
    private boolean isReadOnlyRoot;

    @Mixin
    private LimitFlags limits = new LimitFlags();

    @Option(
            names = {"-l", "--label"},
            paramLabel = "NAME[=VALUE]",
            description = "Add a label.")
    private List<String> labels = new ArrayList<>();

    @Option(names = "--entrypoint", paramLabel = "PATH", description = "Replace the image's entrypoint; \"\": by none.")
    private @Nullable String entrypoint;

    @Mixin
    private RightsFlags rights = new RightsFlags();

    @Mixin
    private HostFlags host = new HostFlags();

    @Mixin
    private HealthFlags health = new HealthFlags();

    @Option(names = "--stop-signal", paramLabel = "SIGNAL", description = "The signal that asks it to end.")
    private @Nullable String stopSignal;

    @Option(names = "--stop-timeout", paramLabel = "SECONDS", description = "How long it then has before it is killed.")
    private @Nullable Long stopTimeoutSeconds;

    @Option(names = "--timeout", paramLabel = "TIME", description = "How long it may run: 30s, 10m.")
    private @Nullable String timeout;

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME",
            description = "How long it may run without writing anything: 30s, 10m.")
    private @Nullable String idleTimeout;

    @Option(
            names = "--retain-bytes",
            paramLabel = "SIZE",
            description = "How much of its timeline is kept: 64m (default: as the server is configured).")
    private @Nullable String retainBytes;

    @Option(
            names = "--retain-for",
            paramLabel = "TIME",
            description = "How long its timeline is kept after its removal: 1h (default: as the server is configured).")
    private @Nullable String retainFor;

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH",
            description = "The platform that the image must be of: linux/amd64.")
    private @Nullable String platform;

    @Option(
            names = "--on-full-disk",
            paramLabel = "wait|drop",
            description = "When the server's disk is full: let it wait until there is room, or drop its output and "
                    + "record how much (default: as the server is configured).")
    private @Nullable OnFullDisk onFullDisk;

    @Option(
            names = "--restart",
            paramLabel = "POLICY",
            description =
                    "Start it again when it has ended by itself: on-failure, on-failure:3, always, unless-stopped or "
                            + "no (default). The pause doubles from 100 ms to a minute.")
    private @Nullable String restart;

    @Option(names = "--rm", description = "Remove it when it has exited.")
    private boolean isAutoRemove;

    @Option(
            names = {"-p", "--publish"},
            paramLabel = "[[ADDRESS:]HOST:]PORT[/udp]",
            description = "Publish a port, or a range 8000-8010, on the server's host; without HOST: at a free one.")
    private List<String> ports = new ArrayList<>();

    boolean isInteractive() {
        return process.isInteractive();
    }

    boolean hasTerminal() {
        return process.hasTerminal();
    }

    boolean isAutoRemove() {
        return isAutoRemove;
    }

    /** Whether it may run more than once. */
    boolean isRestarted() {
        return restart != null && Words.restartPolicy(restart).kind() != RestartPolicy.Kind.NO;
    }

    /** What is asked for. @param terminal the size of the terminal here; null if there is none */
    ContainerSpec spec(String image, List<String> command, @Nullable TerminalSize terminal) {
        var spec = new ContainerSpec(image).command(command);
        identity(spec);
        process.set(spec, terminal);
        files(spec);
        limits.set(spec);
        rights.set(spec);
        host.set(spec);
        health.set(spec);
        ending(spec);
        return spec;
    }

    private void identity(ContainerSpec spec) {
        ifGiven(name, spec::name);
        ifGiven(id, spec::id);
        ifGiven(hostname, spec::hostname);
        networks.set(spec);
        if (entrypoint != null) {
            spec.entrypoint(entrypoint.isEmpty() ? new String[0] : new String[] {entrypoint});
        }
        ports.forEach(text -> Ports.parse(text).forEach(spec::port));
        LabelFlags.parse(labels).forEach(spec::label);
    }

    private void files(ContainerSpec spec) {
        volumes.forEach(volume -> Mounts.volume(spec, volume));
        mounts.forEach(mount -> Mounts.mount(spec, mount));
        temporaryFileSystems.forEach(tmpfs -> Mounts.tmpfs(spec, tmpfs));
        if (isReadOnlyRoot) {
            spec.readOnlyRoot();
        }
    }

    private void ending(ContainerSpec spec) {
        ifGiven(stopSignal, spec::stopSignal);
        ifGiven(stopTimeoutSeconds, seconds -> spec.stopGrace(Duration.ofSeconds(seconds)));
        ifGiven(timeout, time -> spec.timeout(Words.duration("timeout", time)));
        ifGiven(idleTimeout, time -> spec.idleTimeout(Words.duration("idle-timeout", time)));
        ifGiven(retainBytes, size -> spec.retainBytes(ByteSize.parse("retain-bytes", size)));
        ifGiven(retainFor, time -> spec.retainFor(Words.duration("retain-for", time)));
        ifGiven(platform, spec::platform);
        ifGiven(onFullDisk, spec::onFullDisk);
        ifGiven(restart, text -> spec.restart(Words.restartPolicy(text)));
        if (isAutoRemove) {
            spec.autoRemove();
        }
    }

    static <T> void ifGiven(@Nullable T value, java.util.function.Consumer<T> setting) {
        if (value != null) {
            setting.accept(value);
        }
    }
}
