package io.tailrace.bench;

import io.tailrace.bench.follow.Audience;
import io.tailrace.bench.follow.GrpcAudience;
import io.tailrace.bench.follow.SocketAudience;
import io.tailrace.bench.follow.SocketAudience.Content;
import io.tailrace.bench.report.Aim;
import io.tailrace.bench.report.Metric;
import io.tailrace.client.Container;
import io.tailrace.client.NetworkMode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** What a follower costs a server that has nothing to send to it. */
final class IdleScenario implements Scenario {
    private static final int WARM_UPS = 1;
    private static final int CONTAINERS = 10;
    private static final List<String> QUIET = List.of("/bin/sleep", "3600");
    private static final double BYTES_PER_KIBIBYTE = 1 << 10;

    private static final String RAW = "tailrace, HTTP raw stream";
    private static final String GRPC = "tailrace, gRPC follow, one connection";
    private static final String ATTACH = "docker attach, API";

    private final Rig rig;
    private final int followers;
    private final List<Container> containers = new ArrayList<>();
    private final List<String> dockerContainers = new ArrayList<>();
    /** Before anybody followed: it keeps what it has had, so that a later look would find no growth. */
    private final double dockerResidentBefore;

    IdleScenario(Rig rig, Options options) throws IOException {
        this.rig = rig;
        this.followers = options.idleFollowers();
        for (int i = 0; i < CONTAINERS; i++) {
            Container container = rig.tailrace()
                    .client()
                    .containers()
                    .create(Rig.IMAGE, spec -> spec.command(QUIET).network(NetworkMode.NONE));
            containers.add(container);
            container.start();
            if (rig.docker().isPresent()) {
                DockerApi api = rig.docker().get().api();
                String id = api.create(Rig.IMAGE, QUIET);
                dockerContainers.add(id);
                api.start(id);
            }
        }
        dockerResidentBefore =
                rig.docker().isPresent() ? rig.docker().get().process().residentBytes() : 0;
    }

    @Override
    public Comparison comparison() {
        List<Contestant> contestants = new ArrayList<>();
        contestants.add(Contestant.tailrace(RAW, WARM_UPS, () -> tailrace(this::raw)));
        contestants.add(
                Contestant.tailrace("tailrace, gRPC follow, one connection", WARM_UPS, () -> tailrace(this::grpc)));
        rig.docker().ifPresent(docker -> contestants.add(Contestant.beside(ATTACH, WARM_UPS, () -> docker(docker))));
        return new Comparison(
                "idle",
                "Idle followers: what %,d of them cost a server whose containers are quiet".formatted(followers),
                "The followers of %d containers that write nothing are connected, and what the server's process has more than before is divided by their number: resident memory, and of the Tailrace server also what is reachable on its heap after a garbage collection, since a heap may have had room for it. The larger of both counts; Docker's server cannot be asked for a collection, and is compared with what it had before anybody followed."
                        .formatted(CONTAINERS),
                List.of(
                        Metric.less("memory", "memory per follower", "KiB", 1),
                        Metric.less("resident", "RSS per follower", "KiB", 1),
                        Metric.less("heap", "live heap per follower", "KiB", 1),
                        Metric.less("threads", "more threads", "", 0)),
                List.of(ATTACH),
                List.of(Aim.atMost(1, RAW, "memory", ATTACH), Aim.atMost(1, GRPC, "memory", ATTACH)),
                contestants);
    }

    private interface Connector {
        Audience connect() throws IOException;
    }

    private Reading tailrace(Connector connector) throws Exception {
        TailraceServer server = rig.tailrace();
        // What the contestant before has left is not to be counted as memory that this one frees.
        server.awaitStreams(0);
        double heapBefore = server.process().liveHeapBytes();
        double residentBefore = server.process().residentBytes();
        long threadsBefore = server.process().threads();
        try (Audience audience = connector.connect()) {
            audience.awaitReady(Broadcast.TIMEOUT);
            server.awaitStreams(followers);
            double heap = perFollower(server.process().liveHeapBytes() - heapBefore);
            double resident = perFollower(server.process().residentBytes() - residentBefore);
            return Reading.of("memory", Math.max(heap, resident))
                    .with("resident", resident)
                    .with("heap", heap)
                    .with("threads", (double) (server.process().threads() - threadsBefore));
        }
    }

    private Reading docker(Docker docker) throws Exception {
        long threadsBefore = docker.process().threads();
        try (Audience audience = attach(docker)) {
            audience.awaitReady(Broadcast.TIMEOUT);
            double resident = perFollower(docker.process().residentBytes() - dockerResidentBefore);
            return Reading.of("memory", resident).with("resident", resident).with("threads", (double)
                    (docker.process().threads() - threadsBefore));
        }
    }

    private double perFollower(double bytes) {
        return bytes / followers / BYTES_PER_KIBIBYTE;
    }

    private Audience raw() throws IOException {
        InetSocketAddress server = rig.tailrace().address();
        List<String> requests = containers.stream()
                .map(container ->
                        SocketAudience.get(server, "/v1/containers/" + container.id() + "/stdout?follow=true"))
                .toList();
        return SocketAudience.request(server, requests, Content.RAW, followers, 0);
    }

    private Audience grpc() {
        Iterator<Container> next =
                Stream.generate(() -> containers).flatMap(List::stream).iterator();
        return GrpcAudience.of(() -> next.next().follow(), followers, 0);
    }

    private Audience attach(Docker docker) throws IOException {
        List<String> requests =
                dockerContainers.stream().map(DockerApi::attachRequest).toList();
        return SocketAudience.request(docker.api().address(), requests, Content.DOCKER_FRAMES, followers, 0);
    }

    @Override
    public void close() throws IOException {
        containers.forEach(container -> container.remove(true));
        for (String id : dockerContainers) {
            rig.docker().orElseThrow().api().remove(id);
        }
    }
}
