package io.tailrace.bench;

import io.tailrace.bench.report.Aim;
import io.tailrace.bench.report.Metric;
import io.tailrace.client.Container;
import io.tailrace.client.NetworkMode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The TypeScript SDK in Node, from the outside: a program that follows a container, fast and slowly. */
final class SdkScenario implements Scenario {
    private static final int WARM_UPS = 1;
    private static final int SLOW_BYTES_PER_SECOND = 1_000_000;
    private static final int SLOW_SECONDS = 60;
    /** Behind the writing of the container, which is not what is looked at, and the start of Node. */
    private static final long SETTLE_MILLIS = 20_000;

    private static final double BYTES_PER_MEBIBYTE = 1 << 20;

    private static final String SDK = "tailrace, TypeScript SDK";
    private static final String SLOW = "tailrace, TypeScript SDK at 1 MB/s";
    private static final String DOCKER = "docker logs -f";
    private static final String THROUGHPUT = "throughput";
    private static final String CLIENT_GROWTH = "clientGrowth";
    private static final String SERVER_GROWTH = "serverGrowth";
    private static final String CLIENT_MOST = "clientMost";
    private static final double GROWTH_MEBIBYTES_MAX = 16;

    private final Rig rig;
    private final Workload workload;
    private final Path program;

    SdkScenario(Rig rig, Options options) {
        this.rig = rig;
        this.workload = options.workload();
        this.program = rig.launcher().program().resolveSibling("sdk/typescript/bench/follow.mjs");
    }

    @Override
    public Comparison comparison() {
        List<Contestant> contestants = new ArrayList<>();
        if (isBuilt()) {
            contestants.add(Contestant.tailrace(SDK, WARM_UPS, this::fast));
            contestants.add(Contestant.tailrace(SLOW, 0, this::slow));
        } else {
            System.err.println("bench: the TypeScript SDK is left out (node, and npm ci && npm run build in %s)"
                    .formatted(program.resolveSibling("..").normalize()));
        }
        rig.docker().ifPresent(docker -> contestants.add(Contestant.beside(DOCKER, 0, () -> logs(docker))));
        return new Comparison(
                "sdk",
                "TypeScript SDK: a program in Node that follows a container",
                "A container that writes %,d MiB is started, and then a process that follows it to its end; the time runs from the start of that process to its exit. The slow one reads 1 MB a second for %d s, and what both processes grow by from the %dth second on is looked at every 200 ms."
                        .formatted(workload.bytes() >> 20, SLOW_SECONDS, SETTLE_MILLIS / 1_000),
                List.of(
                        Metric.more(THROUGHPUT, "throughput", "MB/s", 1),
                        Metric.less(CLIENT_GROWTH, "client's growth", "MiB", 1),
                        Metric.less(SERVER_GROWTH, "server's growth", "MiB", 1),
                        Metric.less(CLIENT_MOST, "client's RSS at most", "MiB", 0)),
                List.of(DOCKER),
                List.of(
                        Aim.atLeast(1, SDK, THROUGHPUT, DOCKER),
                        Aim.atMostAbsolute(GROWTH_MEBIBYTES_MAX, SLOW, CLIENT_GROWTH),
                        Aim.atMostAbsolute(GROWTH_MEBIBYTES_MAX, SLOW, SERVER_GROWTH)),
                contestants);
    }

    private boolean isBuilt() {
        return Programs.find("node").isPresent() && Files.exists(program.resolveSibling("../dist/esm/index.js"));
    }

    private Reading fast() throws Exception {
        Container container = begin();
        try {
            Following following = follow(container, 0, 0, 0);
            workload.check(following.bytes());
            return Reading.megabytesPerSecond(THROUGHPUT, following.bytes(), following.nanos())
                    .with(CLIENT_MOST, following.watch().mostBytes(following.client()) / BYTES_PER_MEBIBYTE);
        } finally {
            container.remove(true);
        }
    }

    private Reading slow() throws Exception {
        if (workload.bytes() < (long) SLOW_BYTES_PER_SECOND * SLOW_SECONDS) {
            throw new BenchException("--size: too little for %d s at 1 MB/s (expected: >= 58)".formatted(SLOW_SECONDS));
        }
        Container container = begin();
        try {
            Following following = follow(container, SLOW_BYTES_PER_SECOND, SLOW_SECONDS, SETTLE_MILLIS);
            MemoryWatch watch = following.watch();
            return Reading.megabytesPerSecond(THROUGHPUT, following.bytes(), following.nanos())
                    .with(CLIENT_GROWTH, watch.growthBytes(following.client()) / BYTES_PER_MEBIBYTE)
                    .with(SERVER_GROWTH, watch.growthBytes(rig.tailrace().process()) / BYTES_PER_MEBIBYTE)
                    .with(CLIENT_MOST, watch.mostBytes(following.client()) / BYTES_PER_MEBIBYTE);
        } finally {
            container.remove(true);
        }
    }

    private Container begin() {
        Container container = rig.tailrace()
                .client()
                .containers()
                .create(
                        Rig.IMAGE,
                        spec -> spec.command(workload.command("/bin/sh")).network(NetworkMode.NONE));
        container.start();
        return container;
    }

    /** What a follower has had. @param watch closed */
    private record Following(long bytes, long nanos, ServerProcess client, MemoryWatch watch) {}

    private Following follow(Container container, int bytesPerSecond, int secondsMax, long settleMillis)
            throws IOException, InterruptedException {
        List<String> command = List.of(
                "node",
                program.toString(),
                rig.tailrace().client().address(),
                container.id(),
                Integer.toString(bytesPerSecond),
                Integer.toString(secondsMax));
        long started = System.nanoTime();
        Process process = Stopwatch.start(command);
        ServerProcess client = new ServerProcess(process.pid());
        MemoryWatch watch =
                MemoryWatch.start(settleMillis, client, rig.tailrace().process());
        try (watch) {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            Stopwatch.awaitSuccess(command, process);
            return new Following(Long.parseLong(said), System.nanoTime() - started, client, watch);
        } catch (NumberFormatException e) {
            throw new BenchException("follow.mjs: said no number of bytes", e);
        }
    }

    /** Docker's follower may leave out what is behind the last end of a line. */
    private void checkLines(long transferred) {
        if (transferred != workload.bytes() - workload.bytes() % Workload.LINE_AND_END.length()) {
            workload.check(transferred);
        }
    }

    private Reading logs(Docker docker) throws IOException, InterruptedException {
        String id = docker.create(workload.command("/bin/sh"));
        try {
            Programs.run(docker.command("start", id));
            long nanos = Stopwatch.toExit(docker.command("logs", "--follow", id), this::checkLines);
            return Reading.megabytesPerSecond(THROUGHPUT, workload.bytes(), nanos);
        } finally {
            docker.remove(id);
        }
    }
}
