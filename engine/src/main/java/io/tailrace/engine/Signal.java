package io.tailrace.engine;

/**
 * A signal as users name it: {@code TERM}, {@code SIGTERM}, {@code sigterm}, {@code 15}, {@code RTMIN+1}.
 *
 * @param number 1 to 64, as on Linux
 * @param name with SIG, such as {@code SIGTERM}
 */
public record Signal(int number, String name) {
    /** SKELETON. @throws EngineException INVALID_ARGUMENT naming the value and what was expected */
    public static Signal parse(String text) {
        throw new UnsupportedOperationException("skeleton");
    }

    /** SKELETON. The signal with a number. */
    public static Signal of(int number) {
        throw new UnsupportedOperationException("skeleton");
    }
}
