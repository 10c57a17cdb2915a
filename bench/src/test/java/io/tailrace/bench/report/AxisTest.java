package io.tailrace.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AxisTest {
    @Test
    void aLinearAxisBeginsAtZeroAndHoldsTheLargest() {
        Axis axis = Axis.linear(1_695, 100, 500);
        assertThat(axis.pixel(0)).isEqualTo(100);
        assertThat(axis.to()).isEqualTo(2_000);
        assertThat(axis.pixel(1_000)).isCloseTo(300, within(1e-9));
        assertThat(axis.ticks()).containsExactly(0.0, 500.0, 1_000.0, 1_500.0, 2_000.0);
    }

    @Test
    void equalRatiosAreEquallyLongOnALogAxis() {
        Axis axis = Axis.log(1, 1_000, 0, 300);
        assertThat(axis.pixel(10)).isCloseTo(100, within(1e-9));
        assertThat(axis.pixel(100)).isCloseTo(200, within(1e-9));
        assertThat(axis.ticks()).containsExactly(1.0, 10.0, 100.0, 1_000.0);
    }

    @Test
    void valuesOfAnySizeFitAndAreMarked() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            double smallest = Math.pow(10, random.nextDouble(-6, 6));
            double largest = smallest * Math.pow(10, random.nextDouble(0, 5));
            for (Axis axis : List.of(Axis.linear(largest, 0, 100), Axis.log(smallest, largest, 0, 100))) {
                String seen = "seed %d: %s to %s on %s".formatted(seed, smallest, largest, axis);
                assertThat(axis.to()).as(seen).isGreaterThanOrEqualTo(largest * (1 - 1e-6));
                assertThat(axis.from()).as(seen).isLessThanOrEqualTo(smallest * (1 + 1e-6));
                assertThat(axis.ticks().size()).as(seen).isBetween(2, 12);
            }
        }
    }

    @Test
    void labelsHaveTheDigitsTheyNeed() {
        assertThat(List.of(0.0, 0.02, 0.5, 1.0, 20.0, 5_000.0).stream().map(Axis::label))
                .containsExactly("0", "0.02", "0.5", "1", "20", "5,000");
    }

    @Test
    void whatIsAllZeroIsDrawn() {
        assertThat(Axis.linear(0, 0, 100).pixel(0)).isEqualTo(0);
    }
}
