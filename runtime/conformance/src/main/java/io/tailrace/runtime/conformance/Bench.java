package io.tailrace.runtime.conformance;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntime;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.Network;
import io.tailrace.runtime.spi.NetworkSpec;
import io.tailrace.runtime.spi.NewVolume;
import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import io.tailrace.runtime.spi.TerminalSize;
import io.tailrace.runtime.spi.Volume;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a conformance test works with: a connection to the runtime, specs, and clean-up of all it made. */
final class Bench implements AutoCloseable {
    /** How long a test waits for what must happen. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int ID_BYTES = 32;
    private static final int NETWORK_NAME_DIGITS = 10;

    private final RuntimeFixture fixture;
    private final List<String> handles = new ArrayList<>();
    private final List<String> volumes = new ArrayList<>();
    private final List<String> networks = new ArrayList<>();
    private ContainerRuntime runtime;

    Bench(RuntimeFixture fixture) {
        this.fixture = fixture;
        runtime = fixture.open();
    }

    ContainerRuntime runtime() {
        return runtime;
    }

    Commands commands() {
        return fixture.commands();
    }

    boolean can(Capability capability) {
        return runtime.info().capabilities().contains(capability);
    }

    /** Closes the connection and opens another, as a restarted server does. */
    void reopen() {
        runtime.close();
        runtime = fixture.open();
    }

    static String newId() {
        byte[] id = new byte[ID_BYTES];
        ThreadLocalRandom.current().nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    ProcessSpec process(List<String> command) {
        return process(command, false, null);
    }

    ProcessSpec process(List<String> command, boolean hasStdin, @Nullable TerminalSize terminal) {
        return new ProcessSpec(
                command,
                List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "WHO=conformance"),
                "/",
                "",
                List.of(),
                hasStdin,
                terminal,
                false,
                List.of(),
                List.of(),
                false,
                List.of());
    }

    ContainerSpec spec(ProcessSpec process) {
        return spec(newId(), process, ContainerSpec.Limits.NONE);
    }

    ContainerSpec spec(String id, ProcessSpec process, ContainerSpec.Limits limits) {
        return new ContainerSpec(
                id,
                fixture.image(),
                process,
                "conformance",
                ContainerSpec.NetworkMode.NONE,
                List.of(),
                ContainerSpec.Dns.DEFAULT,
                List.of(),
                List.of(),
                false,
                false,
                limits,
                List.of(),
                Map.of("purpose", "conformance"),
                List.of());
    }

    /** A name that no other test uses. */
    static String networkName() {
        return "conformance-" + newId().substring(0, NETWORK_NAME_DIGITS);
    }

    Network network() {
        return network(new NetworkSpec(networkName(), "", "", false, Map.of()));
    }

    /** Removed when the test is over. */
    Network network(NetworkSpec spec) {
        Network network = runtime.networks().create(spec);
        networks.add(network.name());
        return network;
    }

    /** A container that waits, in networks. Nobody but these knows names there, and that is known at once. */
    ContainerSpec specIn(ContainerSpec.NetworkAttachment... attachments) {
        ContainerSpec plain = spec(process(commands().waits()));
        return new ContainerSpec(
                plain.id(),
                plain.image(),
                plain.process(),
                "",
                ContainerSpec.NetworkMode.BRIDGE,
                plain.hosts(),
                new ContainerSpec.Dns(List.of("127.0.0.1"), List.of("."), List.of("timeout:2", "attempts:1")),
                plain.ports(),
                plain.mounts(),
                false,
                false,
                plain.limits(),
                plain.devices(),
                plain.labels(),
                List.of(attachments));
    }

    RuntimeContainer create(ContainerSpec spec) {
        RuntimeContainer container = runtime.create(spec);
        synchronized (handles) {
            handles.add(container.handle());
        }
        return container;
    }

    Volume createVolume(NewVolume wanted) {
        Volume volume = runtime.volumes().create(wanted);
        volumes.add(volume.name());
        return volume;
    }

    RuntimeContainer create(List<String> command) {
        return create(spec(process(command)));
    }

    /** To set what a test asks of a container that runs a script of busybox's shell. */
    Options options(String script) {
        return new Options(fixture.image(), List.of("sh", "-c", script));
    }

    /** What a process writes to stdout until it exits with 0; its container is gone then. */
    String output(Options options) throws Exception {
        RuntimeContainer container = create(options.spec());
        RuntimeProcess process = container.prepare();
        Reading out = Reading.of(process.stdout());
        Reading err = Reading.of(process.stderr().orElseThrow());
        process.start();
        String text = text(out.await());
        ProcessExit exit = exitOf(process);
        if (exit.exitCode() != 0) {
            throw new AssertionError("exit code %d: %s".formatted(exit.exitCode(), text(err.await())));
        }
        process.delete();
        container.remove();
        return text;
    }

    /** A container whose process runs. */
    RuntimeContainer start(List<String> command) {
        RuntimeContainer container = create(command);
        container.prepare().start();
        return container;
    }

    static ProcessExit exitOf(RuntimeProcess process) throws Exception {
        return process.exit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws Exception {
        try (fixture) {
            for (String handle : handles) {
                ifThere(() -> remove(runtime.recover(handle)));
            }
            for (String volume : volumes) {
                ifThere(() -> runtime.volumes().remove(volume));
            }
            for (String network : networks) {
                ifThere(() -> runtime.networks().remove(network));
            }
            runtime.close();
        }
    }

    /** Cleans something up. */
    private interface CleanUp {
        void run() throws Exception;
    }

    private static void ifThere(CleanUp cleanUp) throws Exception {
        try {
            cleanUp.run();
        } catch (ContainerRuntimeException e) {
            if (e.code() != ContainerRuntimeException.Code.NOT_FOUND) {
                throw e;
            }
        }
    }

    /** It may end by itself at the same moment. */
    private static void kill(RuntimeProcess process) {
        try {
            process.signal(9);
        } catch (ContainerRuntimeException e) {
            if (e.code() != ContainerRuntimeException.Code.FAILED_PRECONDITION) {
                throw e;
            }
        }
    }

    /** Ends and removes a container, whatever its state. */
    static void remove(RuntimeContainer container) throws Exception {
        var process = container.process();
        if (process.isPresent()) {
            RuntimeProcess.Status status = process.get().status();
            if (status == RuntimeProcess.Status.PAUSED) {
                container.resume();
            }
            if (status == RuntimeProcess.Status.RUNNING || status == RuntimeProcess.Status.PAUSED) {
                kill(process.get());
                exitOf(process.get());
            }
            process.get().delete();
        }
        container.remove();
    }
}
