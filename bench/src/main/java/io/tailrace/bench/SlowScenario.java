package io.tailrace.bench;

import io.tailrace.bench.follow.SlowReaders;
import io.tailrace.bench.report.Aim;
import io.tailrace.bench.report.Metric;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What readers that do not keep up cost those that do. */
final class SlowScenario implements Scenario {
    private static final int WARM_UPS = 2;
    private static final int LIVE = 10;
    private static final int SLOW = 10;
    private static final int SLOW_BYTES_PER_SECOND = 10_000;
    private static final Script SCRIPT = new Script(1, 64L << 20);
    /** Docker's container waits for its slowest reader: for ever, beside one that has stopped. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final String ALONE = "tailrace, 10 live alone";
    private static final String BESIDE_STALLED = "tailrace, beside 1 that never reads";
    private static final String BESIDE_SLOW = "tailrace, beside 10 at 10 KB/s";
    private static final String BESIDE_BOTH = "tailrace, beside both";
    private static final String THROUGHPUT = "throughput";
    private static final double COST_AT_MOST_FIVE_PERCENT = 0.95;

    private final Rig rig;
    private final Broadcasts broadcasts;

    SlowScenario(Rig rig, Options unused) {
        this.rig = rig;
        this.broadcasts = new Broadcasts(rig);
    }

    @Override
    public Comparison comparison() {
        List<Contestant> contestants = new ArrayList<>();
        contestants.add(Contestant.tailrace(ALONE, WARM_UPS, () -> tailrace(0, 0)));
        contestants.add(Contestant.tailrace(BESIDE_STALLED, WARM_UPS, () -> tailrace(1, 0)));
        contestants.add(Contestant.tailrace(BESIDE_SLOW, WARM_UPS, () -> tailrace(0, SLOW)));
        contestants.add(Contestant.tailrace(BESIDE_BOTH, WARM_UPS, () -> tailrace(1, SLOW)));
        rig.docker().ifPresent(docker -> {
            contestants.add(Contestant.beside("docker attach, API, 10 live alone", 0, () -> docker(docker, 0)));
            contestants.add(
                    Contestant.beside("docker attach, API, beside 1 that never reads", 0, () -> docker(docker, 1)));
        });
        return new Comparison(
                "slow",
                "Slow readers: what the others lose by them",
                "Ten followers read a container that writes 64 MiB as fast as it can, alone and beside others that read 10 KB a second or not at all; what counts is when the last of the ten has everything. Docker's container waits for its slowest reader: there, what the ten have after %d s is shown if they are not done by then."
                        .formatted(PATIENCE.toSeconds()),
                List.of(Metric.more(THROUGHPUT, "the 10 live ones", "MB/s", 0)),
                List.of(ALONE),
                List.of(
                        Aim.atLeast(COST_AT_MOST_FIVE_PERCENT, BESIDE_STALLED, THROUGHPUT, ALONE),
                        Aim.atLeast(COST_AT_MOST_FIVE_PERCENT, BESIDE_SLOW, THROUGHPUT, ALONE),
                        Aim.atLeast(COST_AT_MOST_FIVE_PERCENT, BESIDE_BOTH, THROUGHPUT, ALONE)),
                contestants);
    }

    private Reading tailrace(int stalled, int slow) throws Exception {
        try (Broadcast broadcast = broadcasts.tailraceRaw(SCRIPT, LIVE);
                SlowReaders _ = broadcast.slowReaders(stalled, slow, SLOW_BYTES_PER_SECOND)) {
            broadcast.paceLines(1);
            return Reading.megabytesPerSecond(THROUGHPUT, SCRIPT.burstBytes() * LIVE, broadcast.burst());
        }
    }

    private Reading docker(Docker docker, int stalled) throws Exception {
        try (Broadcast broadcast = broadcasts.dockerAttach(docker, SCRIPT, LIVE);
                SlowReaders _ = broadcast.slowReaders(stalled, 0, SLOW_BYTES_PER_SECOND)) {
            broadcast.paceLines(1);
            long before = broadcast.audience().bytes();
            long nanos = broadcast.burstWithin(PATIENCE);
            return Reading.megabytesPerSecond(THROUGHPUT, broadcast.audience().bytes() - before, nanos);
        }
    }
}
