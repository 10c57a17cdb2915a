package io.tailrace.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Values along a line of pixels.
 *
 * @param isLog whether equal ratios, rather than equal differences, are equally long
 * @param from the value at the first pixel; above 0 on a log axis
 * @param to the value at the last pixel; above from
 * @param fromPixel where it begins; may be above toPixel, as it is on an axis that goes up
 * @param toPixel where it ends
 */
record Axis(boolean isLog, double from, double to, double fromPixel, double toPixel) {
    private static final int TICKS = 5;
    private static final double[] STEPS = {1, 2, 5, 10};
    /** On an axis with fewer decades than this, they are divided. */
    private static final double DIVIDED_BELOW_DECADES = 2.2;

    private static final double LOG_FROM_RATIO = 30;

    /** From 0 to a little more than the largest. */
    static Axis linear(double largest, double fromPixel, double toPixel) {
        double step = step(largest);
        double to = Math.max(step, Math.ceil(largest / step - 1e-9) * step);
        return new Axis(false, 0, to, fromPixel, toPixel);
    }

    /** From a value of 1, 2 or 5 times a power of ten below the smallest to one above the largest. */
    static Axis log(double smallest, double largest, double fromPixel, double toPixel) {
        double from = stepBelow(smallest);
        double to = stepAbove(Math.max(largest, from * 2));
        return new Axis(true, from, to, fromPixel, toPixel);
    }

    /** Logarithmic where values are too far apart for the smaller ones to be seen otherwise. */
    static Axis fitting(double smallest, double largest, double fromPixel, double toPixel) {
        return smallest > 0 && largest / smallest > LOG_FROM_RATIO
                ? log(smallest, largest, fromPixel, toPixel)
                : linear(largest, fromPixel, toPixel);
    }

    private static double step(double largest) {
        if (!(largest > 0)) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(largest / TICKS)));
        for (double step : STEPS) {
            if (step * power * TICKS >= largest * (1 - 1e-9)) {
                return step * power;
            }
        }
        return 10 * power;
    }

    private static double stepBelow(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        return power * (value >= 5 * power ? 5 : value >= 2 * power ? 2 : 1);
    }

    private static double stepAbove(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        double ratio = value / power * (1 - 1e-9);
        return power * (ratio <= 1 ? 1 : ratio <= 2 ? 2 : ratio <= 5 ? 5 : 10);
    }

    /** Where a value is; those beyond an end are at the end. */
    double pixel(double value) {
        double bounded = Math.clamp(value, from, to);
        double share = isLog ? Math.log(bounded / from) / Math.log(to / from) : (bounded - from) / (to - from);
        return fromPixel + share * (toPixel - fromPixel);
    }

    /** Values to be marked, ascending. */
    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        if (!isLog) {
            double step = step(to);
            for (int i = 0; i * step <= to * (1 + 1e-9); i++) {
                ticks.add(i * step);
            }
            return ticks;
        }
        boolean isDivided = Math.log10(to / from) < DIVIDED_BELOW_DECADES;
        for (double power = Math.pow(10, Math.floor(Math.log10(from))); power <= to * (1 + 1e-9); power *= 10) {
            for (double step : isDivided ? new double[] {1, 2, 5} : new double[] {1}) {
                double tick = power * step;
                if (tick >= from * (1 - 1e-9) && tick <= to * (1 + 1e-9)) {
                    ticks.add(tick);
                }
            }
        }
        return ticks;
    }

    /** A tick's label: no more digits than it needs. */
    static String label(double tick) {
        if (tick == 0) {
            return "0";
        }
        int decimals = (int) Math.max(0, -Math.floor(Math.log10(Math.abs(tick)) + 1e-9));
        return String.format(Locale.ROOT, "%,." + decimals + "f", tick);
    }
}
