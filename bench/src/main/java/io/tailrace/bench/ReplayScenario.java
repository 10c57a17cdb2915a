package io.tailrace.bench;

import io.tailrace.bench.Comparison.Scale;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The whole output of a container that has ended, for someone who comes late. */
final class ReplayScenario implements Scenario {
    private static final int WARM_UPS = 3;
    private static final String SHELL = "/bin/sh";

    private final Rig rig;
    private final Workload workload;
    private final Path file;
    private final FileServer fileServer;
    private final String tailraceContainer;
    private final List<Contestant> dockerContestants;

    ReplayScenario(Rig rig, Workload workload) throws Exception {
        this.rig = rig;
        this.workload = workload;
        List<String> command = workload.command(SHELL);
        this.file = rig.directory().resolve("output");
        Programs.writeOutput(rig.busybox().commandOnHost(workload), file);
        this.fileServer = FileServer.start(file);
        this.tailraceContainer = rig.tailrace().runToEnd(command);
        this.dockerContestants = new ArrayList<>();
        if (rig.docker().isPresent()) {
            Docker docker = rig.docker().get();
            String id = docker.create(command);
            Stopwatch.toExit(docker.command("start", "--attach", id), workload::check);
            dockerContestants.add(new Contestant("docker API, unix socket", () -> logs(docker.api(), id)));
            dockerContestants.add(
                    new Contestant("docker logs", () -> Stopwatch.toExit(docker.command("logs", id), workload::check)));
        }
    }

    @Override
    public Comparison comparison() {
        List<Contestant> contestants = new ArrayList<>();
        contestants.add(new Contestant(
                "tailrace, gRPC follow", () -> rig.tailrace().replay(tailraceContainer, workload::check)));
        contestants.add(new Contestant(
                "tailrace, HTTP raw stream", () -> rig.tailrace().replayOverHttp(tailraceContainer, workload::check)));
        contestants.addAll(dockerContestants);
        contestants.add(new Contestant("plain file, HTTP by sendfile", () -> download(fileServer)));
        contestants.add(new Contestant("plain file, read", this::read));
        return new Comparison(
                "replay",
                "Replay: all output of a container that has ended",
                Scale.megabytesPerSecond(workload.bytes()),
                "docker logs",
                "at least 20",
                WARM_UPS,
                contestants);
    }

    private long logs(DockerApi api, String id) throws IOException {
        long started = System.nanoTime();
        try (DockerApi.Response logs = api.logs(id)) {
            long bytes = logs.drainFrames();
            long elapsed = System.nanoTime() - started;
            workload.check(bytes);
            return elapsed;
        }
    }

    private long download(FileServer server) throws IOException {
        long started = System.nanoTime();
        long bytes = Download.drain(server.address());
        long elapsed = System.nanoTime() - started;
        workload.check(bytes);
        return elapsed;
    }

    private long read() throws IOException {
        long started = System.nanoTime();
        try (InputStream content = Files.newInputStream(file)) {
            long bytes = Stopwatch.drain(content);
            long elapsed = System.nanoTime() - started;
            workload.check(bytes);
            return elapsed;
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        fileServer.close();
        Files.delete(file);
    }
}
