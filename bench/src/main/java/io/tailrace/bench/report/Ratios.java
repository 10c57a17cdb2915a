package io.tailrace.bench.report;

import java.util.Locale;

/** How ratios are written: with two digits that say something. */
final class Ratios {
    private static final double TWO_DECIMALS_BELOW = 10;

    private Ratios() {}

    static String format(double ratio) {
        return String.format(Locale.ROOT, ratio < TWO_DECIMALS_BELOW ? "%.2f" : "%.0f", ratio);
    }
}
