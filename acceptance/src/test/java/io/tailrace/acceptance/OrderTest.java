package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.client.Container;
import io.tailrace.client.Follow;
import io.tailrace.client.FollowOptions;
import io.tailrace.client.StandardStream;
import io.tailrace.client.Stdin;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TimelineRecord;
import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** stdout and stderr stand in one order: that in which they came. */
@Acceptance
@DeliveryTest
@Timeout(value = OrderTest.TEST_MINUTES_MAX, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OrderTest {
    /** The long form asks thousands of times. */
    static final int TEST_MINUTES_MAX = 5;

    /** Answers each line of stdin on the stream that it names. */
    private static final String ECHO = """
            while read -r stream number; do
              if [ $stream = STDOUT ]; then echo $number; else echo $number >&2; fi
            done
            """;

    private final TailraceServerProcess server;

    OrderTest(TailraceServerProcess server) {
        this.server = server;
    }

    /** What was seen before something else was written came before it: no clock and no pause is needed to say so. */
    @Test
    @Promise({2, 3})
    void stdoutAndStderrComeReordered(Ledger ledger) throws IOException {
        int answers = ledger.isLong() ? 3_000 : 300;
        Random random = ledger.random();
        List<StandardStream> asked = new ArrayList<>();
        String id = server.api().run(ECHO, spec -> spec.setStdin(true)).getId();
        try (Tailrace client = server.client()) {
            Container container = client.containers().get(id);
            try (Follow follow = container.follow();
                    Stdin stdin = container.stdin()) {
                for (int number = 1; number <= answers; number++) {
                    StandardStream stream = random.nextBoolean() ? StandardStream.STDOUT : StandardStream.STDERR;
                    asked.add(stream);
                    stdin.write((stream + " " + number + "\n").getBytes(StandardCharsets.US_ASCII));
                    stdin.flush();
                    awaitAnswer(follow, stream, number + "\n");
                    ledger.attempt();
                }
            }
            try (Follow late = container.follow(new FollowOptions())) {
                ledger.bytes(assertOrder(late, asked));
            }
        }
        server.api().remove(id);
    }

    private static void awaitAnswer(Follow follow, StandardStream stream, String text) {
        String got = "";
        while (!got.equals(text)) {
            TimelineRecord record = follow.next().orElseThrow(() -> new AssertionError("ended without an answer"));
            if (record instanceof TimelineRecord.Output output) {
                assertThat(output.stream()).as(text).isEqualTo(stream);
                got += output.text();
                assertThat(text).startsWith(got);
            }
        }
    }

    /** The order for who comes late. @return bytes of output */
    private static long assertOrder(Follow late, List<StandardStream> asked) {
        int number = 0;
        String got = "";
        long bytes = 0;
        Instant before = Instant.EPOCH;
        for (TimelineRecord record : late) {
            assertThat(record.timestamp()).isAfterOrEqualTo(before);
            before = record.timestamp();
            if (record instanceof TimelineRecord.Output output) {
                assertThat(output.stream()).as("answer %d", number + 1).isEqualTo(asked.get(number));
                got += output.text();
                bytes += output.length();
                if (got.endsWith("\n")) {
                    assertThat(got).isEqualTo(++number + "\n");
                    got = "";
                }
            }
        }
        assertThat(number).isEqualTo(asked.size());
        return bytes;
    }
}
