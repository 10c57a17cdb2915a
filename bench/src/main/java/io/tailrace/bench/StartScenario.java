package io.tailrace.bench;

import io.tailrace.bench.report.Aim;
import io.tailrace.bench.report.Metric;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** From the wish for a container to the first byte of its output. */
final class StartScenario implements Scenario {
    private static final int WARM_UPS = 30;
    private static final int SETTLED = 3;
    private static final String TIME = "time";
    private static final String TAILRACE = "tailrace, Java client";
    private static final String DOCKER_RUN = "docker run";
    private static final List<String> COMMAND = List.of("/bin/echo", "hello");

    private final Rig rig;

    StartScenario(Rig rig, Options unused) {
        this.rig = rig;
    }

    @Override
    public Comparison comparison() {
        List<Contestant> contestants = new ArrayList<>();
        contestants.add(Contestant.tailrace(
                TAILRACE, WARM_UPS, () -> timed(() -> rig.tailrace().toFirstByte(COMMAND))));
        rig.docker().ifPresent(docker -> {
            contestants.add(Contestant.beside(
                    "docker API, unix socket", SETTLED, () -> timed(() -> toFirstByte(docker.api()))));
            contestants.add(Contestant.beside(
                    DOCKER_RUN, SETTLED, () -> timed(() -> Stopwatch.toFirstByte(runCommand(docker)))));
        });
        contestants.add(Contestant.beside(
                "ctr run",
                SETTLED,
                () -> timed(() -> Stopwatch.toFirstByte(rig.containerd().runCommand(rig.busybox(), COMMAND)))));
        return new Comparison(
                "start",
                "Start: from the wish for a container to the first byte of its output",
                "A container that writes one line is created and started, and followed from before its start; the time ends when the follower has the first byte. No container has a network; commands are measured as a whole process, its output read from a pipe.",
                List.of(Metric.less(TIME, "time", "ms", 0)),
                List.of(DOCKER_RUN),
                List.of(Aim.atMost(0.3, TAILRACE, TIME, DOCKER_RUN)),
                contestants);
    }

    private static Reading timed(Contestant.Timed timed) throws Exception {
        return Reading.millis(TIME, timed.nanos());
    }

    private static List<String> runCommand(Docker docker) {
        return Busybox.concatenate(docker.command("run", "--rm", "--network", "none", Rig.IMAGE), COMMAND);
    }

    private static long toFirstByte(DockerApi api) throws IOException {
        long started = System.nanoTime();
        String id = api.create(Rig.IMAGE, COMMAND);
        try (DockerApi.Response output = api.attach(id)) {
            api.start(id);
            Stopwatch.awaitFirstByte(output.body());
            return System.nanoTime() - started;
        } finally {
            api.remove(id);
        }
    }
}
