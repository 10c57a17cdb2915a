package io.tailrace.cli;

import io.tailrace.client.Container;
import io.tailrace.client.ExitStatus;
import io.tailrace.client.FollowOptions;
import io.tailrace.client.NetworkMode;
import io.tailrace.client.RecordKind;
import io.tailrace.client.StandardStream;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TimelineRecord;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace demo}. */
@Command(
        name = "demo",
        header = "Show what Tailrace does, in half a minute.",
        description = {
            "",
            "Starts a server of its own with a temporary data directory, makes a small image, runs a container that writes to "
                    + "both streams, and has it watched from several sides at once: by gRPC, as server-sent events, as plain "
                    + "HTTP, by one who comes late, and by one who is cut off. Then shows that all received the same, and "
                    + "removes everything again."
        },
        footer = {"", "Example:", "  tailrace demo --seconds 20"})
final class DemoCommand extends Verb {
    /** Not busybox: a user's own image of that name may be there. */
    private static final String IMAGE = "docker.io/library/tailrace-demo:latest";

    private static final int EXIT_CODE = 42;
    private static final int BURST_BYTES = 1 << 20;
    private static final int TICKS_PER_SECOND = 4;
    private static final int SECONDS_MAX = 600;
    private static final long REDRAW_MILLIS = 100;
    private static final long WATCHERS_TIMEOUT_MILLIS = 30_000;

    @Option(names = "--seconds", paramLabel = "NUMBER", description = "How long the container writes (default: 6).")
    private int seconds = 6;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (seconds < 1 || seconds > SECONDS_MAX) {
            throw new CliException("seconds: %d (expected: 1 to %d)".formatted(seconds, SECONDS_MAX));
        }
        var style = new Style(streams().isOutputTerminal());
        step(style, "making an image of this machine's busybox");
        var image = BusyboxImage.ofThisMachine();
        step(style, "starting a server");
        var server = LocalServer.startTemporary();
        // Also on ctrl-c: nothing is left behind.
        var cleanUp = new Thread(server::close, "demo-clean-up");
        Runtime.getRuntime().addShutdownHook(cleanUp);
        boolean isIdentical;
        try (var tailrace = server.connect()) {
            step(style, "  it serves gRPC and HTTP on " + server.httpUri());
            tailrace.images().importArchive(image.archive(), IMAGE, progress -> {});
            step(style, "running a container that writes to stdout and stderr (!), and watching it from five sides");
            streams().println("");
            var container = tailrace.containers()
                    .run(
                            IMAGE,
                            spec -> spec.command("sh", "-c", script())
                                    .network(NetworkMode.NONE)
                                    .name("demo"));
            var watchers = watchers(server, container);
            watch(watchers);
            isIdentical = report(style, watchers, exit(container));
            removeAll(tailrace, container);
        } finally {
            server.close();
            Runtime.getRuntime().removeShutdownHook(cleanUp);
        }
        step(style, "stopped and removed everything that was started");
        return isIdentical ? ExitCodes.OK : ExitCodes.FAILED;
    }

    private void step(Style style, String text) {
        streams().println(style.cyan("▸ ") + text);
    }

    private String script() {
        int ticks = seconds * TICKS_PER_SECOND;
        return """
                i=0
                while [ $i -lt %d ]; do
                  i=$((i + 1)); echo "tick $i"
                  if [ $((i %% 3)) -eq 0 ]; then echo "note $i" >&2; fi
                  if [ $i -eq %d ]; then head -c %d /dev/urandom; fi
                  usleep %d
                done
                printf 'the end, without a newline'
                exit %d
                """.formatted(ticks, ticks / 2, BURST_BYTES, 1_000_000 / TICKS_PER_SECOND, EXIT_CODE);
    }

    private List<DemoWatcher> watchers(LocalServer server, Container container) {
        var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        var uri = server.httpUri().resolve("/v1/containers/" + container.id());
        var id = container.id();
        return List.of(
                new DemoClientWatcher("client", server::connect, id, Duration.ZERO, false),
                new DemoEventsWatcher("events", http, uri, server.token()),
                new DemoHttpWatcher("curl", http, uri, server.token()),
                new DemoClientWatcher(
                        "late", server::connect, id, Duration.ofSeconds(seconds).dividedBy(2), false),
                new DemoClientWatcher("cut off", server::connect, id, Duration.ZERO, true));
    }

    private void watch(List<DemoWatcher> watchers) throws InterruptedException {
        long startedNanos = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (var watcher : watchers) {
            threads.add(Thread.ofVirtual().name("demo-" + watcher.name()).start(watcher));
        }
        var screen = new DemoScreen(streams(), watchers);
        long limitMillis = seconds * 1000L + WATCHERS_TIMEOUT_MILLIS;
        long millis = 0;
        while (threads.stream().anyMatch(Thread::isAlive) && millis < limitMillis) {
            screen.show(millis);
            Thread.sleep(REDRAW_MILLIS);
            millis = (System.nanoTime() - startedNanos) / 1_000_000;
        }
        screen.finish(millis);
    }

    private static ExitStatus exit(Container container) {
        try (var follow = container.follow(new FollowOptions().kinds(RecordKind.STATE))) {
            for (var record : follow) {
                if (record instanceof TimelineRecord.Exit exit) {
                    return exit.status();
                }
            }
        }
        throw new CliException("the container's timeline has no exit");
    }

    private boolean report(Style style, List<DemoWatcher> watchers, ExitStatus exit) {
        var table = new Table("WATCHER", "PROTOCOL", "CAME", "STDOUT", "CRC-32", "SHA-256", "STDERR", "CRC-32", "EXIT");
        table.row(
                "the record",
                "",
                "",
                Long.toString(exit.stdoutLength()),
                "%08x".formatted(exit.stdoutCrc32()),
                "",
                Long.toString(exit.stderrLength()),
                "%08x".formatted(exit.stderrCrc32()),
                Integer.toString(exit.exitCode()));
        boolean isIdentical = true;
        var sha256 = "";
        for (var watcher : watchers) {
            var stdout = watcher.received(StandardStream.STDOUT).figures();
            var stderr = watcher.received(StandardStream.STDERR).figures();
            sha256 = sha256.isEmpty() ? stdout.sha256() : sha256;
            var code = watcher.exitCode();
            isIdentical &= watcher.isComplete()
                    && stdout.length() == exit.stdoutLength()
                    && stdout.crc32() == exit.stdoutCrc32()
                    && stdout.sha256().equals(sha256)
                    && stderr.length() == exit.stderrLength()
                    && stderr.crc32() == exit.stderrCrc32();
            table.row(
                    watcher.name(),
                    watcher.protocol(),
                    watcher.failure().isEmpty() ? watcher.note() : watcher.failure(),
                    Long.toString(stdout.length()),
                    "%08x".formatted(stdout.crc32()),
                    stdout.sha256().substring(0, 12),
                    Long.toString(stderr.length()),
                    "%08x".formatted(stderr.crc32()),
                    code == null ? "-" : code.toString());
        }
        streams().print("\n" + table + "\n");
        streams()
                .println(
                        isIdentical
                                ? style.green(style.bold("✔ all received the same, byte for byte"))
                                : style.red(style.bold("✘ not all received the same")));
        return isIdentical;
    }

    private static void removeAll(Tailrace tailrace, Container container) {
        container.remove(true);
        tailrace.images().remove(IMAGE, true);
    }
}
