package io.tailrace.bench.follow;

import io.tailrace.client.Follow;
import io.tailrace.client.TailraceException;
import io.tailrace.client.TimelineRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Followers by the Java client, with a virtual thread each; all share the client's one connection. */
public final class GrpcAudience extends Audience {
    private final List<Follow> follows = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private GrpcAudience(int size, int stampedLines) {
        super(IntStream.range(0, size)
                .mapToObj(any -> new Follower(stampedLines))
                .toList());
    }

    /** Follows. @param next opens one more timeline to follow */
    public static GrpcAudience of(Supplier<Follow> next, int size, int stampedLines) {
        GrpcAudience audience = new GrpcAudience(size, stampedLines);
        for (int i = 0; i < size; i++) {
            Follow follow = next.get();
            Follower follower = audience.follower(i);
            audience.follows.add(follow);
            audience.threads.add(Thread.ofVirtual().name("follower-" + i).start(() -> run(follow, follower)));
        }
        return audience;
    }

    private static void run(Follow follow, Follower follower) {
        try {
            for (TimelineRecord record : follow) {
                // A timeline begins with the container's states, so that the first record is the server's answer.
                follower.ready();
                if (record instanceof TimelineRecord.Output output) {
                    follower.accept(ByteBuffer.wrap(output.bytes()));
                }
            }
            follower.end();
        } catch (TailraceException | IOException | NumberFormatException e) {
            follower.fail(e.toString());
        }
    }

    @Override
    public void close() {
        follows.forEach(Follow::close);
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
