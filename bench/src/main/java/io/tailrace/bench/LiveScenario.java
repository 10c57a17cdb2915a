package io.tailrace.bench;

import io.tailrace.bench.report.Aim;
import io.tailrace.bench.report.Metric;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** One follower of a container that writes as fast as it can, from its start to its end. */
final class LiveScenario implements Scenario {
    private static final int WARM_UPS = 6;
    private static final int SETTLED = 1;
    private static final String THROUGHPUT = "throughput";
    private static final String GRPC = "tailrace, gRPC follow";
    private static final String RAW = "tailrace, HTTP raw stream";
    private static final String DOCKER = "docker start -a";
    private static final String CTR = "ctr run | cat";
    private static final String SHELL = "/bin/sh";

    private final Rig rig;
    private final Workload workload;

    LiveScenario(Rig rig, Options options) {
        this.rig = rig;
        this.workload = options.workload();
    }

    @Override
    public Comparison comparison() {
        List<String> command = workload.command(SHELL);
        List<Contestant> contestants = new ArrayList<>();
        contestants.add(Contestant.tailrace(
                GRPC, WARM_UPS, () -> timed(() -> rig.tailrace().live(command, workload::check))));
        contestants.add(Contestant.tailrace(
                RAW, WARM_UPS, () -> timed(() -> rig.tailrace().liveOverHttp(command, workload::check))));
        rig.docker()
                .ifPresent(docker ->
                        contestants.add(Contestant.beside(DOCKER, SETTLED, () -> timed(() -> live(docker, command)))));
        // The bench is the cat: it reads the command's output from a pipe, as it does for docker.
        contestants.add(Contestant.beside(
                CTR,
                SETTLED,
                () -> timed(
                        () -> Stopwatch.toExit(rig.containerd().runCommand(rig.busybox(), command), workload::check))));
        contestants.add(Contestant.limit(
                "pipe on the host, no container",
                SETTLED,
                () -> timed(() -> Stopwatch.toExit(rig.busybox().commandOnHost(workload), workload::check))));
        return new Comparison(
                "live",
                "Live: one follower of a container that writes as fast as it can",
                "A container writes %,d MiB of lines, and one follower reads all of them; the time runs from the start of the container to its exit. Commands are read from a pipe, which is what a cat behind them would do; Docker and Tailrace record what they deliver, ctr does not."
                        .formatted(workload.bytes() >> 20),
                List.of(Metric.more(THROUGHPUT, "throughput", "MB/s", 0)),
                List.of(DOCKER, CTR),
                List.of(
                        Aim.atLeast(5, GRPC, THROUGHPUT, DOCKER),
                        Aim.atLeast(5, RAW, THROUGHPUT, DOCKER),
                        Aim.atLeast(0.6, GRPC, THROUGHPUT, CTR),
                        Aim.atLeast(0.6, RAW, THROUGHPUT, CTR)),
                contestants);
    }

    private Reading timed(Contestant.Timed timed) throws Exception {
        return Reading.megabytesPerSecond(THROUGHPUT, workload.bytes(), timed.nanos());
    }

    private long live(Docker docker, List<String> command) throws IOException, InterruptedException {
        String id = docker.create(command);
        try {
            return Stopwatch.toExit(docker.command("start", "--attach", id), workload::check);
        } finally {
            docker.remove(id);
        }
    }
}
