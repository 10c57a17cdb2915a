package io.tailrace.bench;

import io.tailrace.bench.Comparison.Scale;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** One follower of a container that writes as fast as it can, from its start to its end. */
final class LiveScenario implements Scenario {
    private static final int WARM_UPS = 3;
    private static final String SHELL = "/bin/sh";

    private final Rig rig;
    private final Workload workload;

    LiveScenario(Rig rig, Workload workload) {
        this.rig = rig;
        this.workload = workload;
    }

    @Override
    public Comparison comparison() {
        List<String> command = workload.command(SHELL);
        List<Contestant> contestants = new ArrayList<>();
        contestants.add(
                new Contestant("tailrace, gRPC follow", () -> rig.tailrace().live(command, workload::check)));
        contestants.add(new Contestant(
                "tailrace, HTTP raw stream", () -> rig.tailrace().liveOverHttp(command, workload::check)));
        rig.docker()
                .ifPresent(docker -> contestants.add(new Contestant("docker start -a", () -> live(docker, command))));
        contestants.add(new Contestant(
                "ctr run",
                () -> Stopwatch.toExit(rig.containerd().runCommand(rig.busybox(), command), workload::check)));
        contestants.add(new Contestant(
                "pipe on the host, no container",
                () -> Stopwatch.toExit(rig.busybox().commandOnHost(workload), workload::check)));
        return new Comparison(
                "live",
                "Live throughput: one follower, start to end",
                Scale.megabytesPerSecond(workload.bytes()),
                "docker start -a",
                "at least 5",
                WARM_UPS,
                contestants);
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
