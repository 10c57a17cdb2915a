package io.tailrace.acceptance;

import com.google.errorprone.annotations.FormatMethod;
import java.util.Locale;

/** Figures read on the way, printed for whoever reads the test's output; nothing depends on them. */
final class Figures {
    private Figures() {}

    static void megabytesPerSecond(String what, long bytes, long startNanos) {
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        print("%s: %.0f MB/s (%.0f MB in %.2f s)", what, bytes / 1e6 / seconds, bytes / 1e6, seconds);
    }

    @FormatMethod
    static void print(String format, Object... values) {
        System.out.println("figure: " + String.format(Locale.ROOT, format, values));
    }
}
