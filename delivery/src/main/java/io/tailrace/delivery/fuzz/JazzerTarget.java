package io.tailrace.delivery.fuzz;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What Jazzer is told to call: hands its inputs on to the target that its argument names. */
public final class JazzerTarget {
    private static @Nullable FuzzTarget target;

    private JazzerTarget() {}

    /** Called once, before the first input. @param arguments one: the target */
    public static void fuzzerInitialize(String[] arguments) throws ClassNotFoundException {
        target = FuzzTarget.parse(arguments[0]);
    }

    /** Called for each input. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        Objects.requireNonNull(target).attack(input);
    }
}
