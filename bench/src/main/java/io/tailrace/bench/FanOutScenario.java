package io.tailrace.bench;

import io.tailrace.bench.report.Aim;
import io.tailrace.bench.report.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** One container, ever more followers. */
final class FanOutScenario implements Scenario {
    private static final List<Integer> FOLLOWERS = List.of(1, 10, 100, 1_000);
    private static final int COMPARED_AT = 100;
    private static final int WARM_UPS = 1;

    /** What all followers together receive, but for the bounds below. */
    private static final long DELIVERED_BYTES = 512L << 20;

    private static final long BURST_BYTES_MIN = 512L << 10;
    private static final long BURST_BYTES_MAX = 64L << 20;

    private static final int LINES_PER_SECOND = 20;
    private static final int SECONDS = 2;

    private static final String RAW = "tailrace, HTTP raw stream";
    private static final String GRPC = "tailrace, gRPC follow";
    private static final String ATTACH = "docker attach, API";
    private static final double BYTES_PER_MEBIBYTE = 1 << 20;

    private final Rig rig;
    private final Broadcasts broadcasts;

    FanOutScenario(Rig rig, Options unused) {
        this.rig = rig;
        this.broadcasts = new Broadcasts(rig);
    }

    @Override
    public Comparison comparison() {
        Supplier<ServerProcess> tailrace = () -> rig.tailrace().process();
        List<Contestant> contestants = new ArrayList<>();
        for (int count : FOLLOWERS) {
            contestants.add(Contestant.tailrace(
                            RAW,
                            WARM_UPS,
                            () -> follow(broadcasts::tailraceRaw, count, Optional.of(tailrace.get()), true))
                    .at(count));
            contestants.add(Contestant.tailrace(
                            GRPC,
                            WARM_UPS,
                            () -> follow(broadcasts::tailraceGrpc, count, Optional.of(tailrace.get()), true))
                    .at(count));
            rig.docker()
                    .ifPresent(docker -> contestants.add(Contestant.beside(
                                    ATTACH,
                                    WARM_UPS,
                                    () -> follow(
                                            (script, followers) -> broadcasts.dockerAttach(docker, script, followers),
                                            count,
                                            Optional.of(docker.process()),
                                            false))
                            .at(count)));
            contestants.add(Contestant.limit(
                            "plain TCP over loopback",
                            WARM_UPS,
                            () -> follow(Broadcasts::loopback, count, Optional.empty(), false))
                    .at(count));
        }
        String attach = Contestant.label(ATTACH, COMPARED_AT);
        return new Comparison(
                "fanout",
                "Fan-out: many followers of one container",
                "All followers are connected first; then %d lines a second are written for %d s, whose delay to each follower is the lag, and then a burst as fast as the container can, until every follower has received and checked all of it. One thread reads all connections; the gRPC followers share one connection and decode in the bench, which costs the same two ends of the machine."
                        .formatted(LINES_PER_SECOND, SECONDS),
                List.of(
                        Metric.more("throughput", "throughput in all", "MB/s", 0),
                        Metric.less("p50", "lag p50", "ms", 2),
                        Metric.less("p99", "lag p99", "ms", 2),
                        Metric.less("processor", "server's CPU", "s/GB", 2),
                        Metric.less("resident", "server's RSS", "MiB", 0),
                        Metric.less("heap", "server's live heap", "MiB", 1)),
                List.of(ATTACH),
                List.of(
                        Aim.atLeast(1, Contestant.label(RAW, COMPARED_AT), "throughput", attach),
                        Aim.atMost(1, Contestant.label(RAW, COMPARED_AT), "p99", attach)),
                contestants);
    }

    private static Script script(int followers) {
        long bytes = Math.clamp(DELIVERED_BYTES / followers, BURST_BYTES_MIN, BURST_BYTES_MAX);
        return new Script(LINES_PER_SECOND * SECONDS + 1, bytes / Workload.BLOCK_BYTES * Workload.BLOCK_BYTES);
    }

    private static Reading follow(Broadcast.Opener opener, int followers, Optional<ServerProcess> server, boolean isJvm)
            throws Exception {
        Script script = script(followers);
        try (Broadcast broadcast = opener.open(script, followers)) {
            broadcast.paceLines(LINES_PER_SECOND);
            double heapBytes = isJvm ? server.orElseThrow().liveHeapBytes() : 0;
            long processorBefore = server.isPresent() ? server.get().processorNanos() : 0;
            long nanos = broadcast.burst();
            double bytes = (double) script.burstBytes() * followers;
            Reading reading = Reading.megabytesPerSecond("throughput", script.burstBytes() * followers, nanos)
                    .withValuesOf(Reading.percentiles(broadcast.lagNanos()));
            if (server.isPresent()) {
                long processor = server.get().processorNanos() - processorBefore;
                reading = reading.with("processor", processor / bytes)
                        .with("resident", server.get().residentBytes() / BYTES_PER_MEBIBYTE);
            }
            return isJvm ? reading.with("heap", heapBytes / BYTES_PER_MEBIBYTE) : reading;
        }
    }
}
