package io.tailrace.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tailrace.bench.report.Entry.Role;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResultTest {
    private static Verdict verdict(Aim aim, Result.Raw... raws) {
        return Result.of("x", "", "", List.of(Samples.TIME), List.of(), List.of(aim), List.of(raws))
                .verdicts()
                .getFirst();
    }

    @Test
    void anAimIsJudgedByTheRatioWithinRounds() {
        Result.Raw ours = Samples.raw("ours", Role.TAILRACE, Samples.TIME, 3.0, 30.0, 3.0);
        Result.Raw theirs = Samples.raw("theirs", Role.BESIDE, Samples.TIME, 10.0, 100.0, 1.0);
        Verdict reached = verdict(Aim.atMost(0.3, "ours", "time", "theirs"), ours, theirs);
        assertThat(reached.figure()).isCloseTo(0.3, within(1e-9));
        assertThat(reached.isReached()).isTrue();
        assertThat(verdict(Aim.atMost(0.29, "ours", "time", "theirs"), ours, theirs)
                        .isReached())
                .isFalse();
        assertThat(verdict(Aim.atLeast(0.31, "ours", "time", "theirs"), ours, theirs)
                        .isReached())
                .isFalse();
        assertThat(verdict(Aim.atLeast(0.25, "ours", "time", "theirs"), ours, theirs)
                        .isReached())
                .isTrue();
    }

    @Test
    void anAbsoluteAimIsJudgedByTheMedian() {
        Result.Raw ours = Samples.raw("ours", Role.TAILRACE, Samples.TIME, 1_100.0, 1_300.0, 1_200.0);
        assertThat(verdict(Aim.atMostAbsolute(1_200, "ours", "time"), ours).isReached())
                .isTrue();
        assertThat(verdict(Aim.atMostAbsolute(1_199, "ours", "time"), ours).isReached())
                .isFalse();
    }

    @Test
    void whatWasNotMeasuredIsNotReached() {
        Result.Raw ours = Samples.raw("ours", Role.TAILRACE, Samples.TIME, 1.0);
        Verdict verdict = verdict(Aim.atMost(2, "ours", "time", "theirs"), ours, Samples.failed("theirs", "gone"));
        assertThat(verdict.figure()).isNull();
        assertThat(verdict.isReached()).isFalse();
        assertThat(verdict.word()).isEqualTo("not measured");
    }

    @Test
    void whoFailedInALaterRoundIsNotComparedByTheEarlierOnes() {
        Result.Raw ours = Samples.raw("ours", Role.TAILRACE, Samples.TIME, 1.0, 1.0);
        Result.Raw theirs =
                new Result.Raw("theirs", Role.BESIDE, "", 0, Map.of("time", List.of(9.0)), List.of(), "gone");
        assertThat(verdict(Aim.atMost(2, "ours", "time", "theirs"), ours, theirs)
                        .figure())
                .isNull();
    }

    @Test
    void everybodyIsSetInRelationToTheSeriesAtTheirOwnNumberOfFollowers() {
        List<Double> ratios = Samples.fanOut().entries().stream()
                .filter(entry -> entry.series().equals("tailrace"))
                .map(entry -> entry.measured().get("throughput").ratios().get("docker attach"))
                .toList();
        assertThat(ratios.getFirst()).isCloseTo(2, within(1e-9));
        assertThat(ratios.get(2)).isCloseTo(20, within(1e-9));
    }

    @Test
    void theDistributionAscendsToTheSlowestEvent() {
        List<Entry.Quantile> distribution =
                Samples.latency().entries().getFirst().distribution();
        assertThat(distribution).hasSize(100);
        assertThat(distribution).extracting(Entry.Quantile::millis).isSorted();
        assertThat(distribution.getLast().fraction()).isEqualTo(1);
        assertThat(distribution.getLast().millis()).isCloseTo(810, within(1e-9));
    }
}
