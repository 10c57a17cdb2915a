package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.FollowResponse;
import io.tailrace.api.v1.TimelinesGrpc;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A follower that stops reading costs nobody anything: not the container, not the others, not the server's memory. */
@Acceptance
@Tag("slow")
class SlowFollowerTest {
    private static final int BLOCKS = 10;
    private static final int FOLLOWERS = 3;
    private static final int ATTEMPTS_MAX = 3;
    /** Of the speed without followers that do not read. Generous: other things run on the machine too. */
    private static final double SPEED_RATIO_MIN = 0.5;
    /** Of live objects. */
    private static final long GROWTH_BYTES_MAX = 32L << 20;

    private static final long FOLLOW_SECONDS_MAX = 90;

    private final TailraceServerProcess server;

    SlowFollowerTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    void followersThatStopReadingSlowNobodyAndCostNoMemory() throws Exception {
        String expected = Lines.digest(BLOCKS).identity();
        long heapBefore = server.liveHeapBytes();
        double ratio = 0;
        for (int attempt = 1; attempt <= ATTEMPTS_MAX && ratio < SPEED_RATIO_MIN; attempt++) {
            String aloneId = server.api().create(Lines.script(BLOCKS)).getId();
            double alone = secondsToFollow(aloneId, expected);
            server.api().remove(aloneId);
            String id = server.api().create(Lines.script(BLOCKS)).getId();
            double together;
            try (StoppedCall call = new StoppedCall(id);
                    StoppedSocket socket = new StoppedSocket(id)) {
                together = secondsToFollow(id, expected);
                Figures.print(
                        "live heap with followers that stopped reading: %d MB before, %d MB after; resident %d MB",
                        heapBefore >> 20, server.liveHeapBytes() >> 20, server.residentBytes() >> 20);
                assertThat(server.liveHeapBytes() - heapBefore)
                        .as("growth of the heap")
                        .isLessThan(GROWTH_BYTES_MAX);
                assertThat(call.failure).isNull();
                assertThat(socket.socket.isConnected()).isTrue();
            }
            server.api().remove(id);
            ratio = alone / together;
            Figures.print(
                    "%d followers: %.2f s; beside ones that stopped reading: %.2f s; ratio of speeds %.2f",
                    FOLLOWERS, alone, together, ratio);
        }
        assertThat(ratio).as("ratio of speeds").isGreaterThanOrEqualTo(SPEED_RATIO_MIN);
    }

    @Test
    void aFollowerThatStoppedReadingGetsTheRestWhenItGoesOn() throws Exception {
        String id = server.api().create(Lines.script(2)).getId();
        StoppedCall call = new StoppedCall(id);
        server.api().start(id);
        call.stopped.await(FOLLOW_SECONDS_MAX, TimeUnit.SECONDS);
        server.api().await(id);
        call.goOn();
        assertThat(call.ended.await(FOLLOW_SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
        assertThat(call.failure).isNull();
        assertThat(call.followed.stdout().identity()).isEqualTo(Lines.digest(2).identity());
        assertThat(call.followed.exit().getExitCode()).isZero();
        server.api().remove(id);
    }

    @Test
    void thousandsOfIdleFollowersCostLittle() throws Exception {
        int followers = 1000;
        String id = server.api()
                .run("read line; echo over", spec -> spec.setStdin(true))
                .getId();
        long before = server.liveHeapBytes();
        CountDownLatch ended = new CountDownLatch(followers);
        for (int i = 0; i < followers; i++) {
            TimelinesGrpc.newStub(server.api().channel())
                    .follow(FollowRequest.newBuilder().setContainer(id).build(), new Counting(ended));
        }
        Waiting.until("all to follow", Duration.ofSeconds(20), () -> streams() >= followers);
        long perFollower = (server.liveHeapBytes() - before) / followers;
        Figures.print("%d idle followers: %d KiB of heap each", followers, perFollower >> 10);
        assertThat(perFollower).isLessThan(128 << 10);
        server.api().kill(id, "KILL");
        assertThat(ended.await(30, TimeUnit.SECONDS))
                .as("all %d were told the end", followers)
                .isTrue();
        server.api().remove(id);
    }

    /** From the start of the container until all followers have everything. */
    private double secondsToFollow(String id, String expected) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Followed>> followers = new ArrayList<>();
            for (int i = 0; i < FOLLOWERS; i++) {
                followers.add(threads.submit(() -> server.api().follow(id, "")));
            }
            long startNanos = System.nanoTime();
            server.api().start(id);
            for (Future<Followed> follower : followers) {
                assertThat(follower.get(FOLLOW_SECONDS_MAX, TimeUnit.SECONDS)
                                .stdout()
                                .identity())
                        .isEqualTo(expected);
            }
            return (System.nanoTime() - startNanos) / 1e9;
        }
    }

    private long streams() {
        try (Http http = new Http(server)) {
            return http.get("/metrics")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("tailrace_streams"))
                    .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
    }

    /** Takes two messages by gRPC and asks for no more. */
    private final class StoppedCall implements AutoCloseable, ClientResponseObserver<FollowRequest, FollowResponse> {
        private final Followed followed = new Followed();
        private final CountDownLatch stopped = new CountDownLatch(2);
        private final CountDownLatch ended = new CountDownLatch(1);
        private @Nullable ClientCallStreamObserver<FollowRequest> call;
        private volatile @Nullable Throwable failure;
        private volatile boolean goesOn;

        StoppedCall(String id) {
            TimelinesGrpc.newStub(server.api().channel())
                    .follow(FollowRequest.newBuilder().setContainer(id).build(), this);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<FollowRequest> stream) {
            call = stream;
            stream.disableAutoRequestWithInitial(2);
        }

        @Override
        public void onNext(FollowResponse response) {
            try {
                if (response.hasRecord()) {
                    followed.accept(response.getRecord());
                }
            } catch (AssertionError e) {
                failure = e;
            }
            stopped.countDown();
            if (goesOn) {
                Objects.requireNonNull(call).request(1);
            }
        }

        @Override
        public void onError(Throwable cause) {
            failure = cause;
            ended.countDown();
        }

        @Override
        public void onCompleted() {
            ended.countDown();
        }

        void goOn() {
            goesOn = true;
            Objects.requireNonNull(call).request(2);
        }

        @Override
        public void close() {
            Objects.requireNonNull(call).cancel("the test is over", null);
        }
    }

    /** Asks for raw bytes over HTTP and never reads its socket. */
    private final class StoppedSocket implements AutoCloseable {
        private final Socket socket;

        StoppedSocket(String id) throws IOException {
            String[] address = server.address().split(":");
            socket = new Socket(address[0], Integer.parseInt(address[1]));
            socket.getOutputStream().write("""
                    GET /v1/containers/%s/stdout?follow=true HTTP/1.1\r
                    Host: %s\r
                    Authorization: Bearer %s\r
                    \r
                    """.formatted(id, server.address(), TailraceServerProcess.TOKEN)
                    .getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                // It is gone either way.
            }
        }
    }

    private record Counting(CountDownLatch ended) implements StreamObserver<FollowResponse> {
        @Override
        public void onNext(FollowResponse response) {}

        @Override
        public void onError(Throwable cause) {
            System.err.println("a follower failed: " + cause);
        }

        @Override
        public void onCompleted() {
            ended.countDown();
        }
    }
}
