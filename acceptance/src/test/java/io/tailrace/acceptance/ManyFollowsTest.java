package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.client.Container;
import io.tailrace.client.Follow;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TimelineRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** One client that follows very much, over its one connection. */
@Acceptance
class ManyFollowsTest {
    private static final int FOLLOWS = 1_000;

    private final TailraceServerProcess server;

    ManyFollowsTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    void whoStopsFollowingAThousandTimelinesAtOnceKeepsItsConnection() throws Exception {
        String id = server.api().run("sleep 600").getId();
        try (Tailrace client =
                Tailrace.builder().address("unix://" + server.socket()).build()) {
            Container container = client.containers().get(id);
            List<Follow> many = new ArrayList<>();
            try (Follow kept = container.follow()) {
                assertThat(kept.next()).isPresent();
                for (int i = 0; i < FOLLOWS; i++) {
                    Follow follow = container.follow();
                    many.add(follow);
                    assertThat(follow.next()).isPresent();
                }
                many.forEach(Follow::close);
                // Everything that was cancelled has been taken note of when a call behind it is answered.
                assertThat(client.info()).isNotNull();
                container.kill("KILL");
                Optional<TimelineRecord> record = kept.next();
                while (record.isPresent() && !(record.get() instanceof TimelineRecord.Exit)) {
                    record = kept.next();
                }
                assertThat(record).isPresent();
                assertThat(kept.reconnects()).isZero();
            } finally {
                many.forEach(Follow::close);
            }
        }
        server.api().remove(id);
    }
}
