package io.tailrace.bench.follow;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/** Everybody who follows one output. Whoever waits here sees failures at once, and not for ever. */
public abstract class Audience implements AutoCloseable {
    private static final long POLL_MILLIS = 1;

    private final List<Follower> followers;

    Audience(List<Follower> followers) {
        this.followers = List.copyOf(followers);
    }

    /** How many they are. */
    public final int size() {
        return followers.size();
    }

    /** The n-th of them. */
    final Follower follower(int index) {
        return followers.get(index);
    }

    /** Waits until the server has answered everybody. */
    public void awaitReady(Duration timeout) throws InterruptedException {
        await("answered", Follower::isReady, timeout);
    }

    /** Waits until everybody has so many stamped lines. */
    public final void awaitLines(int count, Duration timeout) throws InterruptedException {
        await("at line " + count, follower -> follower.lines() >= count, timeout);
    }

    /** Waits until everybody is at the end. @return {@link System#nanoTime} when the last one was */
    public final long awaitEnd(Duration timeout) throws InterruptedException {
        await("at the end", Follower::hasEnded, timeout);
        return followers.stream().mapToLong(Follower::endNanos).max().orElseThrow();
    }

    /** As {@link #awaitEnd}, but gives up in silence: whether everybody is at the end. */
    public final boolean isEndedWithin(Duration timeout) throws InterruptedException {
        return missing(Follower::hasEnded, timeout) == 0;
    }

    private void await(String what, Predicate<Follower> condition, Duration timeout) throws InterruptedException {
        long missing = missing(condition, timeout);
        if (missing > 0) {
            throw new FollowException("%d of %d followers are not %s after %s (received %,d bytes in all)"
                    .formatted(missing, size(), what, timeout, bytes()));
        }
    }

    private long missing(Predicate<Follower> condition, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        // Once it holds it goes on to hold, so that nobody is asked twice.
        int index = 0;
        while (index < size()) {
            Follower follower = followers.get(index);
            if (!follower.failure().isEmpty()) {
                throw new FollowException("follower %d: %s".formatted(index, follower.failure()));
            }
            if (condition.test(follower)) {
                index++;
            } else if (System.nanoTime() - deadline > 0) {
                return followers.stream().filter(condition.negate()).count();
            } else {
                Thread.sleep(POLL_MILLIS);
            }
        }
        return 0;
    }

    /** What all have received so far. */
    public final long bytes() {
        return followers.stream().mapToLong(Follower::bytes).sum();
    }

    /** How long each stamped line took to each follower. @param from the first line that counts */
    public final long[] lagNanos(int from) {
        return followers.stream()
                .flatMapToLong(follower -> LongStream.of(follower.lagNanos()).skip(from))
                .toArray();
    }

    /** Fails unless everybody has received the same bytes, and so many. */
    public final void verify(long expectedBytes, long expectedCrc32) {
        for (int i = 0; i < size(); i++) {
            Follower follower = followers.get(i);
            if (follower.bytes() != expectedBytes || follower.crc32() != expectedCrc32) {
                throw new FollowException("follower %d received %,d bytes with CRC-32 %08x (expected: %,d with %08x)"
                        .formatted(i, follower.bytes(), follower.crc32(), expectedBytes, expectedCrc32));
            }
        }
    }

    @Override
    public abstract void close();
}
