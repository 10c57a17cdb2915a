package io.tailrace.bench;

import io.tailrace.bench.report.Aim;
import io.tailrace.bench.report.Metric;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The whole output of a container that has ended, for someone who comes late. */
final class ReplayScenario implements Scenario {
    private static final int WARM_UPS = 12;
    private static final int SETTLED = 1;
    private static final String THROUGHPUT = "throughput";
    private static final String GRPC = "tailrace, gRPC follow";
    private static final String RAW = "tailrace, HTTP raw stream";
    private static final String LOGS = "docker logs";
    private static final String FILE = "plain file over loopback HTTP";
    private static final String SHELL = "/bin/sh";

    private final Rig rig;
    private final Workload workload;
    private final Path file;
    private final FileServer fileServer;
    private final String tailraceContainer;
    private final List<Contestant> dockerContestants;

    ReplayScenario(Rig rig, Options options) throws Exception {
        this.rig = rig;
        this.workload = options.workload();
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
            dockerContestants.add(Contestant.beside(
                    "docker API, unix socket", SETTLED, () -> timed(() -> logs(docker.api(), id))));
            dockerContestants.add(Contestant.beside(
                    LOGS, SETTLED, () -> timed(() -> Stopwatch.toExit(docker.command("logs", id), workload::check))));
        }
    }

    @Override
    public Comparison comparison() {
        List<Contestant> contestants = new ArrayList<>();
        contestants.add(Contestant.tailrace(
                GRPC, WARM_UPS, () -> timed(() -> rig.tailrace().replay(tailraceContainer, workload::check))));
        contestants.add(Contestant.tailrace(
                RAW, WARM_UPS, () -> timed(() -> rig.tailrace().replayOverHttp(tailraceContainer, workload::check))));
        contestants.addAll(dockerContestants);
        contestants.add(Contestant.limit(FILE, WARM_UPS, () -> timed(() -> download(fileServer))));
        contestants.add(Contestant.limit("plain file, read", WARM_UPS, () -> timed(this::read)));
        return new Comparison(
                "replay",
                "Replay: all output of a container that has ended",
                "The %,d MiB that a container has written are read from the first byte to the last; the time runs from the request to the last byte. The plain file has the same bytes, and is served by sendfile(2) to the same HTTP client that reads the raw stream."
                        .formatted(workload.bytes() >> 20),
                List.of(Metric.more(THROUGHPUT, "throughput", "MB/s", 0)),
                List.of(LOGS, FILE),
                List.of(
                        Aim.atLeast(20, GRPC, THROUGHPUT, LOGS),
                        Aim.atLeast(20, RAW, THROUGHPUT, LOGS),
                        Aim.atLeast(0.5, GRPC, THROUGHPUT, FILE),
                        Aim.atLeast(0.5, RAW, THROUGHPUT, FILE)),
                contestants);
    }

    private Reading timed(Contestant.Timed timed) throws Exception {
        return Reading.megabytesPerSecond(THROUGHPUT, workload.bytes(), timed.nanos());
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
