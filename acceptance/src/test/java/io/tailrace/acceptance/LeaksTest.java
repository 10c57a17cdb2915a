package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tailrace.api.v1.CreateContainerRequest;
import io.tailrace.api.v1.ImageProgress;
import io.tailrace.api.v1.ImagesGrpc;
import io.tailrace.api.v1.ImportImageRequest;
import io.tailrace.api.v1.ImportOpen;
import io.tailrace.api.v1.NetworkMode;
import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What containers and execs leave in a server, in its keeper, in containerd and on the machine when they are gone. */
@DeliveryTest
@Alone
@Tag("containerd")
class LeaksTest {
    private static final long CALL_SECONDS_MAX = 30;
    private static final int WARM_UP_CYCLES = 4;
    private static final int CYCLES_PER_NETWORK = 5;
    /** Timelines go away within the test; what the feed remembers is all there after the warm-up. */
    private static final Map<String, String> SETTINGS =
            Map.of("TAILRACE_TIMELINES_RETENTION", "1s", "TAILRACE_LIMITS_FEED_RECORDS_MAX", "50");

    /** Of live objects, for each container with its execs: well below what a timeline forgotten in memory would take. */
    private static final long HEAP_PER_CYCLE_BYTES_MAX = 4 << 10;
    /** What the heap varies by when nothing leaks: compiled code's constants, caches of the libraries. */
    private static final long HEAP_NOISE_BYTES = 4 << 20;

    private final List<String> ids = new ArrayList<>();

    @Test
    @Promise({7, 8})
    @Timeout(value = 3_600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void containersThatAreGoneLeaveSomethingBehind(Ledger ledger) throws Exception {
        int cycles = ledger.isLong() ? 1_000 : 28;
        int execs = ledger.isLong() ? 5 : 3;
        try (TailraceServerProcess server = TailraceServerProcess.startWithBusybox(SETTINGS, List.of())) {
            Census census = new Census(server);
            run(server, ledger, WARM_UP_CYCLES, execs);
            awaitPurged(server);
            long keeper = census.keeper();
            // Asked for the first time, a JVM opens a socket to be asked by.
            server.usage().liveHeapBytes();
            new ProcessUsage(keeper).liveHeapBytes();
            Map<String, Integer> before = census.take(ids);
            run(server, ledger, cycles / 4, execs);
            census.requireSettled(before, ids);
            long heapAtQuarter = server.usage().liveHeapBytes();
            long keeperAtQuarter = new ProcessUsage(keeper).liveHeapBytes();
            run(server, ledger, cycles - cycles / 4, execs);
            Map<String, Integer> after = census.requireSettled(before, ids);
            long growth = server.usage().liveHeapBytes() - heapAtQuarter;
            long keeperGrowth = new ProcessUsage(keeper).liveHeapBytes() - keeperAtQuarter;
            ledger.note(
                    "%d containers, %d execs: heap %+d KiB since the first quarter, keeper %+d KiB; %d threads, %d fds"
                            .formatted(
                                    cycles,
                                    cycles * execs,
                                    growth >> 10,
                                    keeperGrowth >> 10,
                                    after.get("threads"),
                                    after.get("descriptors")));
            long most = HEAP_NOISE_BYTES + (cycles - cycles / 4) * HEAP_PER_CYCLE_BYTES_MAX;
            assertThat(growth).as("growth of the server's heap").isLessThan(most);
            assertThat(keeperGrowth).as("growth of the keeper's heap").isLessThan(most);
            assertThat(server.log()).doesNotContain("LEAK:");
        }
    }

    private void run(TailraceServerProcess server, Ledger ledger, int cycles, int execs) throws Exception {
        for (int i = 0; i < cycles; i++) {
            whole(server, ledger, execs, i % CYCLES_PER_NETWORK == 0);
            switch (i % 4) {
                case 0 -> failedStart(server);
                case 1 -> cutFollowers(server);
                case 2 -> abortedImport(server);
                default -> neverStarted(server);
            }
        }
    }

    /** A container with execs, from its creation to its removal. */
    private void whole(TailraceServerProcess server, Ledger ledger, int execs, boolean hasNetwork) {
        String id = server.api()
                .run(
                        "echo up; read line; echo over",
                        spec -> spec.setStdin(true)
                                .setNetwork(
                                        hasNetwork ? NetworkMode.NETWORK_MODE_BRIDGE : NetworkMode.NETWORK_MODE_NONE))
                .getId();
        ids.add(id);
        for (int i = 0; i < execs; i++) {
            String exec = server.api().exec(id, "echo one; echo two >&2").getId();
            Followed followed = server.api().follow(id, exec);
            assertThat(followed.stdoutText() + followed.stderrText()).isEqualTo("one\ntwo\n");
            ledger.attempt();
            ledger.bytes(followed.stdout().length() + followed.stderr().length());
        }
        server.api().tell(id, "go\n");
        Followed followed = server.api().follow(id, "");
        assertThat(followed.stdoutText()).isEqualTo("up\nover\n");
        ledger.attempt();
        ledger.bytes(followed.stdout().length());
        server.api().remove(id);
    }

    private void failedStart(TailraceServerProcess server) {
        String id = server.api()
                .containers()
                .create(CreateContainerRequest.newBuilder()
                        .setSpec(Api.shell("").clearCommand().addCommand("nosuchcommand"))
                        .build())
                .getId();
        ids.add(id);
        StatusRuntimeException failure = catchThrowableOfType(
                StatusRuntimeException.class, () -> server.api().start(id));
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        server.api().remove(id);
    }

    private void neverStarted(TailraceServerProcess server) {
        String id = server.api().create("echo never").getId();
        ids.add(id);
        server.api().remove(id);
    }

    /** Followers that are gone in the middle, by each door, of a container that is killed and removed in the middle. */
    private void cutFollowers(TailraceServerProcess server) throws IOException {
        String id = server.api().run("exec yes").getId();
        ids.add(id);
        for (String stream : List.of("timeline", "stdout?follow=true")) {
            String[] address = server.address().split(":");
            try (Socket socket = new Socket(address[0], Integer.parseInt(address[1]))) {
                // Closed with bytes unread and without lingering, the connection is reset.
                socket.setSoLinger(true, 0);
                socket.getOutputStream().write("""
                        GET /v1/containers/%s/%s HTTP/1.1\r
                        Host: %s\r
                        Authorization: Bearer %s\r
                        \r
                        """.formatted(id, stream, server.address(), TailraceServerProcess.TOKEN)
                        .getBytes(StandardCharsets.US_ASCII));
                assertThat(socket.getInputStream().readNBytes(1 << 16)).isNotEmpty();
            }
        }
        KnownOutput nothing = KnownOutput.of(server, 1, 0);
        try (Crowd crowd = new Crowd(server)) {
            // What it is given is not compared: it is here to go away.
            crowd.addSlow(Crowd.Door.GRPC, id, new Arrivals(nothing, new Lags()), Follower.STALLED);
        }
        server.api().remove(id);
    }

    /** An import that is broken off after the first bytes of an archive. */
    private static void abortedImport(TailraceServerProcess server) throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        StreamObserver<ImportImageRequest> requests = ImagesGrpc.newStub(
                        server.api().channel())
                .import_(new StreamObserver<>() {
                    @Override
                    public void onNext(ImageProgress progress) {}

                    @Override
                    public void onError(Throwable cause) {
                        ended.countDown();
                    }

                    @Override
                    public void onCompleted() {
                        ended.countDown();
                    }
                });
        requests.onNext(ImportImageRequest.newBuilder()
                .setOpen(ImportOpen.newBuilder().setReference("aborted"))
                .build());
        requests.onNext(ImportImageRequest.newBuilder()
                .setData(ByteString.copyFrom(new byte[1 << 16]))
                .build());
        ((ClientCallStreamObserver<ImportImageRequest>) requests).cancel("the test goes away", null);
        assertThat(ended.await(CALL_SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
    }

    /** Waits until no removed container is known any more. */
    private static void awaitPurged(TailraceServerProcess server) {
        Waiting.until(
                "timelines to be deleted",
                Duration.ofSeconds(CALL_SECONDS_MAX),
                () -> server.api().removeAll().isEmpty());
    }
}
