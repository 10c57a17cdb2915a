package io.tailrace.engine;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Tells failures for want of file descriptors, for which Java has no type. */
final class OutOfFiles {
    /** What the kernel calls it, whoever passes it on. */
    private static final String REASON = "too many open files";

    private OutOfFiles() {}

    static boolean is(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT).contains(REASON)) {
                return true;
            }
        }
        return false;
    }
}
