package io.tailrace.server.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;

class StreamsTest {
    private static final int STREAMS_MAX = 3;
    private static final int THREADS = 16;

    @RepeatedTest(100)
    void ofStreamsThatBeginInTheSameInstantNoneIsOneTooMany() throws Exception {
        var refused = new AtomicInteger();
        var served = new AtomicInteger();
        var together = new CountDownLatch(1);
        var over = new CountDownLatch(1);
        try (var streams = new Streams(STREAMS_MAX)) {
            try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
                for (int i = 0; i < THREADS; i++) {
                    threads.submit(() -> {
                        together.await();
                        streams.start("test", new Refusable(refused), () -> {
                            served.incrementAndGet();
                            over.await();
                        });
                        return true;
                    });
                }
                together.countDown();
            }
            assertThat(refused).hasValue(THREADS - STREAMS_MAX);
            await().until(() -> served.get() == STREAMS_MAX);
            over.countDown();
        }
    }

    /** A stream to nobody that counts how often it was failed. */
    private static final class Refusable extends ServedStream {
        private final AtomicInteger refused;

        Refusable(AtomicInteger refused) {
            this.refused = refused;
        }

        @Override
        protected boolean isReady() {
            return true;
        }

        @Override
        protected void fail(Throwable cause) {
            refused.incrementAndGet();
        }
    }
}
