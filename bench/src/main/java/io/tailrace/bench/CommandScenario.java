package io.tailrace.bench;

import io.tailrace.bench.Comparison.Scale;
import java.util.ArrayList;
import java.util.List;

/** The command line as a whole: from its start to its exit, with a container that does nothing in between. */
final class CommandScenario implements Scenario {
    private static final int WARM_UPS = 2;
    private static final Stopwatch.ByteCount NO_OUTPUT = bytes -> {
        if (bytes != 0) {
            throw new BenchException("transferred " + bytes + " bytes (expected: 0)");
        }
    };

    private final Rig rig;

    CommandScenario(Rig rig, Workload unused) {
        this.rig = rig;
    }

    @Override
    public Comparison comparison() {
        String[] arguments = {"run", "--rm", "--network", "none", Rig.IMAGE, "true"};
        List<Contestant> contestants = new ArrayList<>();
        contestants.add(new Contestant(
                "tailrace run", () -> Stopwatch.toExit(rig.tailrace().command(arguments), NO_OUTPUT)));
        rig.docker()
                .ifPresent(docker -> contestants.add(
                        new Contestant("docker run", () -> Stopwatch.toExit(docker.command(arguments), NO_OUTPUT))));
        return new Comparison(
                "command",
                "Command line: run --rm busybox true, the whole process (no network)",
                Scale.MILLIS,
                "docker run",
                "",
                WARM_UPS,
                contestants);
    }
}
