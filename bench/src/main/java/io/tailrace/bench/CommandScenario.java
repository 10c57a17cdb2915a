package io.tailrace.bench;

import io.tailrace.bench.report.Aim;
import io.tailrace.bench.report.Metric;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The command line as a whole: from its start to its exit, with a container that does nothing in between. */
final class CommandScenario implements Scenario {
    private static final int WARM_UPS = 2;
    private static final String TIME = "time";
    private static final String TAILRACE_RUN = "tailrace run";
    private static final String DOCKER_RUN = "docker run";
    private static final Stopwatch.ByteCount NO_OUTPUT = bytes -> {
        if (bytes != 0) {
            throw new BenchException("transferred " + bytes + " bytes (expected: 0)");
        }
    };

    private final Rig rig;

    CommandScenario(Rig rig, Options unused) {
        this.rig = rig;
    }

    @Override
    public Comparison comparison() {
        String[] arguments = {"run", "--rm", "--network", "none", Rig.IMAGE, "true"};
        List<Contestant> contestants = new ArrayList<>();
        contestants.add(Contestant.tailrace(
                TAILRACE_RUN, WARM_UPS, () -> time(rig.tailrace().command(arguments))));
        rig.docker()
                .ifPresent(docker -> contestants.add(
                        Contestant.beside(DOCKER_RUN, WARM_UPS, () -> time(docker.command(arguments)))));
        return new Comparison(
                "command",
                "Command: run --rm busybox true, from its start to its exit",
                "Both commands do the same: they ask a server that runs already to make a container, to run nothing in it, and to remove it. The time is that of the whole process; no container has a network.",
                List.of(Metric.less(TIME, "time", "ms", 0)),
                List.of(DOCKER_RUN),
                List.of(Aim.atMost(1.5, TAILRACE_RUN, TIME, DOCKER_RUN)),
                contestants);
    }

    private static Reading time(List<String> command) throws IOException, InterruptedException {
        return Reading.millis(TIME, Stopwatch.toExit(command, NO_OUTPUT));
    }
}
