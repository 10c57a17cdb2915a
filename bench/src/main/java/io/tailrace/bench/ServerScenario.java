package io.tailrace.bench;

import io.tailrace.bench.report.Aim;
import io.tailrace.bench.report.Metric;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** From the start of a server to its first good answer. */
final class ServerScenario implements Scenario {
    private static final int WARM_UPS = 1;
    private static final String TAILRACE = "tailrace server";
    private static final String DOCKERD = "dockerd";
    private static final String TIME = "time";
    private static final double READY_MILLIS_MAX = 1_200;
    private static final String NAMESPACE = "bench-server";

    private final Rig rig;
    private final Path tailraceDirectory;
    private final Path dockerDirectory;

    ServerScenario(Rig rig, Options unused) throws Exception {
        this.rig = rig;
        this.tailraceDirectory = rig.newDirectory();
        this.dockerDirectory = rig.newDirectory();
    }

    @Override
    public Comparison comparison() {
        List<Contestant> contestants = new ArrayList<>();
        contestants.add(Contestant.tailrace(TAILRACE, WARM_UPS, this::tailrace));
        if (rig.docker().isPresent()) {
            contestants.add(Contestant.beside(DOCKERD, WARM_UPS, this::dockerd));
        }
        return new Comparison(
                "server",
                "Server: from its start until it is ready",
                "A second server is started beside the first, on the same containerd, with a data directory that it has used before; it is asked over its unix socket every 5 ms whether it is ready. The time runs from the start of the command to the first answer that says yes.",
                List.of(Metric.less(TIME, "start to ready", "ms", 0)),
                List.of(DOCKERD),
                List.of(Aim.atMostAbsolute(READY_MILLIS_MAX, TAILRACE, TIME)),
                contestants);
    }

    private Reading tailrace() throws Exception {
        long begin = System.nanoTime();
        try (Daemon _ = TailraceServer.startServer(rig.launcher(), tailraceDirectory, rig.containerd(), NAMESPACE)) {
            return Reading.millis(TIME, System.nanoTime() - begin);
        }
    }

    private Reading dockerd() throws Exception {
        long begin = System.nanoTime();
        try (Docker _ = Docker.startEngine(dockerDirectory, rig.containerd(), NAMESPACE)) {
            return Reading.millis(TIME, System.nanoTime() - begin);
        }
    }
}
