package io.tailrace.acceptance;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.WebClient;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Many readers in one process. Those that read at full speed share a few connections; whoever does not has one of its own,
 * since it would hold up the others on its connection. No reader has a thread. Used by one thread.
 */
final class Crowd implements AutoCloseable {
    private static final int CONNECTIONS = 4;
    private static final int WORKERS = 2;
    private static final int CONNECTION_WINDOW_BYTES = 16 << 20;
    private static final int STREAM_WINDOW_BYTES = 1 << 20;

    private final TailraceServerProcess server;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final List<Api> shared = new ArrayList<>();
    private final List<Api> own = new ArrayList<>();
    private final List<Follower> followers = new ArrayList<>();
    private final ClientFactory factory = ClientFactory.builder()
            .workerGroup(WORKERS)
            .http2InitialConnectionWindowSize(CONNECTION_WINDOW_BYTES)
            .http2InitialStreamWindowSize(STREAM_WINDOW_BYTES)
            .build();
    private int next;

    Crowd(TailraceServerProcess server) {
        this.server = server;
        for (int i = 0; i < CONNECTIONS; i++) {
            shared.add(Api.connectCheaply(server.address(), TailraceServerProcess.TOKEN));
        }
    }

    /** By which protocol a reader comes. */
    enum Door {
        GRPC,
        EVENTS,
        RAW;

        /** Each in turn. */
        static Door turn(int number) {
            return switch (number % 3) {
                case 0 -> GRPC;
                case 1 -> EVENTS;
                default -> RAW;
            };
        }
    }

    /** Adds a reader that takes what there is. */
    Follower add(Door door, String container, Arrivals arrivals) {
        return switch (door) {
            case GRPC -> add(GrpcFollower.start(channel(), container, arrivals, Follower.LIVE, timer));
            case EVENTS -> add(HttpFollower.events(client("h2c"), container, arrivals, Follower.LIVE, timer));
            case RAW -> add(HttpFollower.raw(client("h2c"), container, arrivals, Follower.LIVE, timer));
        };
    }

    /** Adds a reader that does not keep up. @param bytesPerSecond {@link Follower#STALLED}: none, after the first piece */
    Follower addSlow(Door door, String container, Arrivals arrivals, long bytesPerSecond) {
        return switch (door) {
            case GRPC -> add(GrpcFollower.start(ownChannel(), container, arrivals, bytesPerSecond, timer));
            case EVENTS -> add(HttpFollower.events(client("h1c"), container, arrivals, bytesPerSecond, timer));
            case RAW -> add(HttpFollower.raw(client("h1c"), container, arrivals, bytesPerSecond, timer));
        };
    }

    private Follower add(Follower follower) {
        followers.add(follower);
        return follower;
    }

    private ManagedChannel channel() {
        return shared.get(next++ % CONNECTIONS).channel();
    }

    private ManagedChannel ownChannel() {
        Api api = Api.connectCheaply(server.address(), TailraceServerProcess.TOKEN);
        own.add(api);
        return api.channel();
    }

    private WebClient client(String protocol) {
        return WebClient.builder(protocol + "://" + server.address())
                .factory(factory)
                .responseTimeoutMillis(0)
                .maxResponseLength(0)
                .addHeader("authorization", "Bearer " + TailraceServerProcess.TOKEN)
                .build();
    }

    /** Waits until the server has answered all. */
    void awaitConnected(Duration limit) {
        await("to be answered", followers, Follower::connected, limit);
    }

    /** Waits until the streams of some have ended well, and everything came. */
    static void awaitEnd(Collection<Follower> some, Duration limit) {
        await("to end", some, Follower::ended, limit);
        some.forEach(follower -> follower.arrivals().requireComplete());
    }

    private static void await(
            String what, Collection<Follower> some, Function<Follower, CompletableFuture<Void>> event, Duration limit) {
        CompletableFuture<Void> all =
                CompletableFuture.allOf(some.stream().map(event).toArray(CompletableFuture<?>[]::new));
        try {
            all.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            long missing = some.stream()
                    .filter(follower -> !event.apply(follower).isDone())
                    .count();
            throw new AssertionError("%d of %d readers still wait %s".formatted(missing, some.size(), what), e);
        } catch (ExecutionException e) {
            throw new AssertionError("a reader failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        followers.forEach(Follower::close);
        timer.shutdownNow();
        shared.forEach(Api::close);
        own.forEach(Api::close);
        factory.close();
    }
}
