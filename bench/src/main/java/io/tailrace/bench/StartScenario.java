package io.tailrace.bench;

import io.tailrace.bench.Comparison.Scale;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** From the wish for a container to the first byte of its output. */
final class StartScenario implements Scenario {
    private static final int WARM_UPS = 30;
    private static final List<String> COMMAND = List.of("/bin/echo", "hello");

    private final Rig rig;

    StartScenario(Rig rig, Workload unused) {
        this.rig = rig;
    }

    @Override
    public Comparison comparison() {
        List<Contestant> contestants = new ArrayList<>();
        contestants.add(
                new Contestant("tailrace, Java client", () -> rig.tailrace().toFirstByte(COMMAND)));
        rig.docker().ifPresent(docker -> {
            contestants.add(new Contestant("docker API, unix socket", () -> toFirstByte(docker.api())));
            contestants.add(new Contestant("docker run", () -> Stopwatch.toFirstByte(runCommand(docker))));
        });
        contestants.add(new Contestant(
                "ctr run", () -> Stopwatch.toFirstByte(rig.containerd().runCommand(rig.busybox(), COMMAND))));
        return new Comparison(
                "start",
                "Start to first byte: create, start, first byte of output (no network)",
                Scale.MILLIS,
                "docker run",
                "at most 0.4",
                WARM_UPS,
                contestants);
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
