package io.tailrace.bench;

import io.tailrace.client.Container;
import io.tailrace.client.Follow;
import io.tailrace.client.NetworkMode;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TimelineRecord;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Tailrace server of the comparisons' own, in a process of its own, and a Java client of it. */
final class TailraceServer implements AutoCloseable {
    private static final Pattern HTTP_ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:\\d+");

    private static final Pattern STREAMS = Pattern.compile("^tailrace_streams (\\S+)$", Pattern.MULTILINE);
    private static final Duration STREAMS_TIMEOUT = Duration.ofSeconds(60);
    private static final long STREAMS_POLL_MILLIS = 10;
    private static final String LOG = "server.log";
    private static final String CONNECTIONS_MAX = "20000";

    private final Launcher launcher;
    private final Daemon daemon;
    private final Path socket;
    private final URI httpAddress;
    private final Tailrace client;

    private TailraceServer(Launcher launcher, Daemon daemon, Path socket, URI httpAddress, Tailrace client) {
        this.launcher = launcher;
        this.daemon = daemon;
        this.socket = socket;
        this.httpAddress = httpAddress;
        this.client = client;
    }

    /** Starts a server with the image. */
    static TailraceServer start(Launcher launcher, Path directory, Containerd containerd, Busybox busybox)
            throws IOException, InterruptedException {
        launcher.prepare();
        Path socket = Files.createDirectories(directory).resolve("tailrace.sock");
        Daemon daemon = startServer(launcher, directory, containerd, "tailrace");
        Tailrace client = Tailrace.builder().address("unix://" + socket).build();
        try {
            client.images().importArchive(busybox.archive(), Rig.IMAGE);
            Matcher address = HTTP_ADDRESS.matcher(Files.readString(directory.resolve(LOG)));
            if (!address.find()) {
                throw new BenchException("tailrace server: logged no address (expected: " + HTTP_ADDRESS + ")");
            }
            return new TailraceServer(launcher, daemon, socket, URI.create(address.group()), client);
        } catch (IOException | RuntimeException e) {
            client.close();
            daemon.close();
            throw e;
        }
    }

    /** Starts a server that has no image. Returns when it is ready. @param namespace of its containers in containerd */
    static Daemon startServer(Launcher launcher, Path directory, Containerd containerd, String namespace)
            throws IOException, InterruptedException {
        Path socket = Files.createDirectories(directory).resolve("tailrace.sock");
        List<String> command = launcher.command(
                "server",
                "--listen",
                "127.0.0.1:0",
                "--socket",
                socket.toString(),
                "--data",
                directory.resolve("data").toString(),
                "--containerd",
                containerd.socket().toString());
        // As many followers as one may ask this program for, and the calls beside them.
        Map<String, String> environment = Map.of(
                "TAILRACE_RUNTIME_NAMESPACE", namespace,
                "TAILRACE_LIMITS_CONNECTIONS_MAX", CONNECTIONS_MAX,
                "TAILRACE_LIMITS_STREAMS_MAX", CONNECTIONS_MAX);
        return Daemon.start(
                "tailrace server",
                directory.resolve(LOG),
                environment,
                command,
                () -> DockerApi.answers(socket, "/health/ready"));
    }

    /** The tailrace command, as users have it, for this server. */
    List<String> command(String... arguments) {
        return Busybox.concatenate(launcher.command("--host", "unix://" + socket), List.of(arguments));
    }

    /** The server's process. */
    ServerProcess process() {
        return new ServerProcess(daemon.pid());
    }

    /** A client of it, by gRPC over the unix socket. */
    Tailrace client() {
        return client;
    }

    /** Waits until it serves so many streams, by its own account. */
    void awaitStreams(int count) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + STREAMS_TIMEOUT.toNanos();
        for (int found = streams(); found != count; found = streams()) {
            if (System.nanoTime() - deadline > 0) {
                throw new BenchException("tailrace server: %d streams (expected: %d)".formatted(found, count));
            }
            Thread.sleep(STREAMS_POLL_MILLIS);
        }
    }

    private int streams() throws IOException {
        String metrics = Download.text(httpAddress.resolve("/metrics"));
        Matcher streams = STREAMS.matcher(metrics);
        if (!streams.find()) {
            throw new BenchException("/metrics: no tailrace_streams");
        }
        return (int) Double.parseDouble(streams.group(1));
    }

    /** Where it serves HTTP. */
    InetSocketAddress address() {
        return new InetSocketAddress(httpAddress.getHost(), httpAddress.getPort());
    }

    /** From the wish for a container to its first byte, followed before it is started. @return elapsed nanoseconds */
    long toFirstByte(List<String> command) {
        long started = System.nanoTime();
        Container container = create(command);
        CompletableFuture<Void> start = CompletableFuture.runAsync(container::start, Thread::startVirtualThread);
        try (Follow follow = container.follow()) {
            for (TimelineRecord record : follow) {
                if (record instanceof TimelineRecord.Output) {
                    return System.nanoTime() - started;
                }
            }
            throw new BenchException("ended without a byte (expected: at least one)");
        } finally {
            start.join();
            container.remove(true);
        }
    }

    /** Makes a container that waits to be started. */
    private Container create(List<String> command) {
        return client.containers()
                .create(Rig.IMAGE, spec -> spec.command(command).network(NetworkMode.NONE));
    }

    /** From the start of a container to its exit record, all output read. @return elapsed nanoseconds */
    long live(List<String> command, Stopwatch.ByteCount expected) {
        Container container = create(command);
        try (Follow follow = container.follow()) {
            long started = System.nanoTime();
            container.start();
            long bytes = drain(follow);
            long elapsed = System.nanoTime() - started;
            expected.check(bytes);
            return elapsed;
        } finally {
            container.remove(true);
        }
    }

    /** As {@link #live}, by the raw stream of stdout over HTTP. @return elapsed nanoseconds */
    long liveOverHttp(List<String> command, Stopwatch.ByteCount expected) throws IOException {
        Container container = create(command);
        try {
            long started = System.nanoTime();
            container.start();
            long bytes = Download.drain(rawOutput(container.id(), "?follow=true"));
            long elapsed = System.nanoTime() - started;
            expected.check(bytes);
            return elapsed;
        } finally {
            container.remove(true);
        }
    }

    /** Runs a container to its end and leaves it there. @return its id */
    String runToEnd(List<String> command) {
        Container container = create(command);
        container.start();
        container.waitFor();
        return container.id();
    }

    /** Reads all output of a container that has ended. @return elapsed nanoseconds */
    long replay(String container, Stopwatch.ByteCount expected) {
        long started = System.nanoTime();
        try (Follow follow = client.containers().get(container).follow()) {
            long bytes = drain(follow);
            long elapsed = System.nanoTime() - started;
            expected.check(bytes);
            return elapsed;
        }
    }

    /** As {@link #replay}, by the raw stream of stdout over HTTP. @return elapsed nanoseconds */
    long replayOverHttp(String container, Stopwatch.ByteCount expected) throws IOException {
        long started = System.nanoTime();
        long bytes = Download.drain(rawOutput(container, ""));
        long elapsed = System.nanoTime() - started;
        expected.check(bytes);
        return elapsed;
    }

    private URI rawOutput(String container, String query) {
        return httpAddress.resolve("/v1/containers/" + container + "/stdout" + query);
    }

    private static long drain(Follow follow) {
        long bytes = 0;
        for (TimelineRecord record : follow) {
            if (record instanceof TimelineRecord.Output output) {
                bytes += output.length();
            }
        }
        return bytes;
    }

    @Override
    public void close() {
        client.close();
        daemon.close();
    }
}
