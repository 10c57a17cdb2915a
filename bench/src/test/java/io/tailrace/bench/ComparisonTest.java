package io.tailrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.bench.report.Aim;
import io.tailrace.bench.report.Metric;
import io.tailrace.bench.report.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final Metric TIME = Metric.less("time", "time", "ms", 0);

    private final List<String> order = new ArrayList<>();

    private Contestant contestant(String name, int warmUps) {
        return Contestant.tailrace(name, warmUps, () -> {
            order.add(name);
            return Reading.of("time", order.size());
        });
    }

    private static Result run(int rounds, Contestant... contestants) {
        return new Comparison("x", "", "", List.of(TIME), List.of(), List.of(), List.of(contestants))
                .run(rounds, (comparison, round, of, contestant, value) -> {});
    }

    @Test
    void everyoneIsMeasuredOnceInEveryRoundInTurn() {
        Result result = run(2, contestant("a", 0), contestant("b", 0));
        assertThat(order).containsExactly("a", "b", "a", "b");
        assertThat(result.entries().get(0).measured().get("time").values()).containsExactly(1.0, 3.0);
        assertThat(result.entries().get(1).measured().get("time").values()).containsExactly(2.0, 4.0);
    }

    @Test
    void warmUpsComeFirstAndDoNotCount() {
        Result result = run(1, contestant("a", 2), contestant("b", 1));
        assertThat(order).containsExactly("a", "a", "b", "a", "b");
        assertThat(result.entries().get(0).measured().get("time").values()).containsExactly(4.0);
    }

    @Test
    void whoFailsIsNotTriedAgainAndDelaysNobody() {
        AtomicInteger attempts = new AtomicInteger();
        Contestant failing = Contestant.beside("b", 0, () -> {
            attempts.incrementAndGet();
            throw new BenchException("transferred 3 bytes (expected: 4)");
        });
        Result result = run(3, contestant("a", 0), failing);
        assertThat(attempts).hasValue(1);
        assertThat(result.entries().get(0).measured().get("time").values()).hasSize(3);
        assertThat(result.entries().get(1).failure()).isEqualTo("transferred 3 bytes (expected: 4)");
        assertThat(result.isComplete()).isFalse();
    }

    @Test
    void withoutDockerWhatIsAimedAtBesideItIsLeftOut() {
        Aim besideDocker = Aim.atMost(1, "a", "time", "docker run");
        Aim alone = Aim.atMostAbsolute(5, "a", "time");
        Comparison comparison = new Comparison(
                "x",
                "",
                "",
                List.of(TIME),
                List.of("docker run", "a"),
                List.of(besideDocker, alone),
                List.of(contestant("a", 0)));
        assertThat(comparison.aims()).containsExactly(alone);
        assertThat(comparison.baselines()).containsExactly("a");
    }
}
