package io.tailrace.bench;

import io.tailrace.client.Container;
import io.tailrace.client.Follow;
import io.tailrace.client.NetworkMode;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TimelineRecord;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Tailrace server of the comparisons' own, in a process of its own, and a Java client of it. */
final class TailraceServer implements AutoCloseable {
    private static final Pattern HTTP_ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:\\d+");

    private final Daemon daemon;
    private final Path socket;
    private final URI httpAddress;
    private final Tailrace client;

    private TailraceServer(Daemon daemon, Path socket, URI httpAddress, Tailrace client) {
        this.daemon = daemon;
        this.socket = socket;
        this.httpAddress = httpAddress;
        this.client = client;
    }

    static TailraceServer start(Path directory, Containerd containerd, Busybox busybox)
            throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Path socket = directory.resolve("tailrace.sock");
        Path log = directory.resolve("server.log");
        List<String> command = javaCommand(
                "server",
                "--listen",
                "127.0.0.1:0",
                "--socket",
                socket.toString(),
                "--data",
                directory.resolve("data").toString(),
                "--containerd",
                containerd.socket().toString());
        Daemon daemon = Daemon.start(
                "tailrace server",
                log,
                Map.of(),
                command,
                () -> Rig.accepts(socket)
                        && HTTP_ADDRESS.matcher(Files.readString(log)).find());
        Tailrace client = Tailrace.builder().address("unix://" + socket).build();
        try {
            client.images().importArchive(busybox.archive(), Rig.IMAGE);
            Matcher address = HTTP_ADDRESS.matcher(Files.readString(log));
            if (!address.find()) {
                throw new BenchException("tailrace server: logged no address (expected: " + HTTP_ADDRESS + ")");
            }
            return new TailraceServer(daemon, socket, URI.create(address.group()), client);
        } catch (IOException | RuntimeException e) {
            client.close();
            daemon.close();
            throw e;
        }
    }

    /** A Java command for Tailrace's own main class, from the distribution that this process runs from. */
    private static List<String> javaCommand(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "io.tailrace.cli.Main"));
        command.addAll(List.of(arguments));
        return command;
    }

    /** The tailrace command, as users have it, for this server. */
    List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(System.getProperty("tailrace.launcher", "tailrace"), "--host", "unix://" + socket));
        command.addAll(List.of(arguments));
        return command;
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
