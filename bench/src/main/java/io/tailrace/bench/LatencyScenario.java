package io.tailrace.bench;

import io.tailrace.bench.report.Aim;
import io.tailrace.bench.report.Metric;
import java.util.ArrayList;
import java.util.List;

/** From the moment a line is written in a container to the moment a follower has it. */
final class LatencyScenario implements Scenario {
    private static final int WARM_UPS = 12;
    private static final int SETTLED = 1;
    private static final int LINES_PER_SECOND = 100;
    private static final int SECONDS = 3;
    private static final Script SCRIPT = new Script(LINES_PER_SECOND * SECONDS + 1, 0);

    private static final String GRPC = "tailrace, gRPC follow";
    private static final String EVENTS = "tailrace, SSE";
    private static final String RAW = "tailrace, HTTP raw stream";
    private static final String ATTACH = "docker attach, API";

    private final Broadcasts broadcasts;
    private final Rig rig;

    LatencyScenario(Rig rig, Options unused) {
        this.rig = rig;
        this.broadcasts = new Broadcasts(rig);
    }

    @Override
    public Comparison comparison() {
        List<Contestant> contestants = new ArrayList<>();
        contestants.add(Contestant.tailrace(GRPC, WARM_UPS, () -> lag(broadcasts::tailraceGrpc)));
        contestants.add(Contestant.tailrace(EVENTS, WARM_UPS, () -> lag(broadcasts::tailraceEvents)));
        contestants.add(Contestant.tailrace(RAW, WARM_UPS, () -> lag(broadcasts::tailraceRaw)));
        rig.docker().ifPresent(docker -> {
            contestants.add(Contestant.beside(
                    ATTACH, SETTLED, () -> lag((script, count) -> broadcasts.dockerAttach(docker, script, count))));
            contestants.add(Contestant.beside(
                    "docker logs -f", SETTLED, () -> lag((script, count) -> broadcasts.dockerLogs(docker, script))));
        });
        contestants.add(Contestant.limit(
                "pipe between two processes", SETTLED, () -> lag((script, count) -> broadcasts.hostPipe(script))));
        return new Comparison(
                "latency",
                "Latency: from the writing of a line to its receipt by one follower",
                "A container copies lines to its output, which the bench hands it through a named pipe, %d a second for %d s; each line says when it was handed over, and the same clock is read when the follower has it. Percentiles are of one round; the curves have the lines of all rounds."
                        .formatted(LINES_PER_SECOND, SECONDS),
                List.of(Metric.less("p50", "p50", "ms", 3), Metric.less("p99", "p99", "ms", 3)),
                List.of(ATTACH),
                List.of(
                        Aim.atMost(1, GRPC, "p99", ATTACH),
                        Aim.atMost(1, EVENTS, "p99", ATTACH),
                        Aim.atMost(1, RAW, "p99", ATTACH)),
                contestants);
    }

    private static Reading lag(Broadcast.Opener opener) throws Exception {
        try (Broadcast broadcast = opener.open(SCRIPT, 1)) {
            broadcast.paceLines(LINES_PER_SECOND);
            broadcast.burst();
            return Reading.percentiles(broadcast.lagNanos());
        }
    }
}
