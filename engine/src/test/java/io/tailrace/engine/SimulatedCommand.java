package io.tailrace.engine;

import java.util.function.Consumer;
import java.util.function.Predicate;

/** A client's command to a simulated server, on a thread of its own: it succeeds, or fails with an error of a type. */
final class SimulatedCommand {
    private final String what;
    private final Thread thread;

    /**
     * Starts it.
     *
     * @param tell takes how it ended, for the story
     * @param isExcused whether a failure that only a fault explains is right now
     * @param onWrong takes what must not happen
     */
    SimulatedCommand(
            String what,
            Runnable action,
            Consumer<String> tell,
            Predicate<EngineException> isExcused,
            Consumer<Throwable> onWrong) {
        this.what = what;
        tell.accept(what);
        thread = Thread.ofVirtual().start(() -> {
            try {
                action.run();
                tell.accept("  " + what + ": done");
            } catch (EngineException e) {
                tell.accept("  %s: %s %s".formatted(what, e.code(), e.getMessage()));
                if (!isTyped(e) && !isExcused.test(e)) {
                    onWrong.accept(e);
                }
            } catch (RuntimeException | Error e) {
                tell.accept("  %s: %s".formatted(what, e));
                onWrong.accept(e);
            }
        });
    }

    /** Whether it is a failure that a client can meet on a machine on which nothing is wrong. */
    private static boolean isTyped(EngineException e) {
        return switch (e.code()) {
            case FAILED_PRECONDITION, NOT_FOUND, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED -> true;
            default -> false;
        };
    }

    boolean isDone() {
        return !thread.isAlive();
    }

    @Override
    public String toString() {
        return what;
    }
}
