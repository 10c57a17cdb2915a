package io.tailrace.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    @Test
    void theMedianIsTheMiddleOrTheMeanOfTheTwoInTheMiddle() {
        assertThat(Statistics.median(List.of())).isEmpty();
        assertThat(Statistics.median(List.of(7.0))).hasValue(7);
        assertThat(Statistics.median(List.of(9.0, 1.0, 5.0))).hasValue(5);
        assertThat(Statistics.median(List.of(9.0, 1.0, 5.0, 6.0))).hasValue(5.5);
    }

    @Test
    void aPercentileIsAValueThatOccurredAndThatSoManyAreNotAbove() {
        long[] hundred = LongStream.rangeClosed(1, 100).toArray();
        assertThat(Statistics.percentile(hundred, 0.01)).isEqualTo(1);
        assertThat(Statistics.percentile(hundred, 0.07)).isEqualTo(7);
        assertThat(Statistics.percentile(hundred, 0.5)).isEqualTo(50);
        assertThat(Statistics.percentile(hundred, 0.99)).isEqualTo(99);
        assertThat(Statistics.percentile(hundred, 1)).isEqualTo(100);
        assertThat(Statistics.percentile(new long[] {3, 8}, 0.5)).isEqualTo(3);
        assertThat(Statistics.percentile(new long[] {3, 8}, 0.51)).isEqualTo(8);
        assertThat(Statistics.percentile(new long[] {3}, 0.99)).isEqualTo(3);
    }

    @Test
    void aPercentileOfNothingIsRefused() {
        assertThatThrownBy(() -> Statistics.percentile(new long[0], 0.5)).hasMessageContaining("expected");
        assertThatThrownBy(() -> Statistics.percentile(new long[1], 0)).hasMessageContaining("expected");
        assertThatThrownBy(() -> Statistics.percentile(new long[1], 1.1)).hasMessageContaining("expected");
    }

    @Test
    void aSlowRoundDoesNotChangeTheRatio() {
        // The second round was ten times slower for both: the ratio of the medians would be 20.
        assertThat(Statistics.medianRatio(List.of(20.0, 200.0, 20.0), List.of(10.0, 100.0, 1.0)))
                .hasValue(2);
    }

    @Test
    void nothingIsSetInRelationToZeroOrLess() {
        assertThat(Statistics.medianRatio(List.of(1.0, 1.0), List.of(1.0, 0.0))).isEmpty();
        assertThat(Statistics.medianRatio(List.of(1.0), List.of(-2.0))).isEmpty();
        assertThat(Statistics.medianRatio(List.of(), List.of(1.0))).isEmpty();
    }
}
