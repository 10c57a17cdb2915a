package io.tailrace.runtime.docker;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The part of the engine's log that is one run's, of a container that others made.
 *
 * @param sinceNanos where it begins, in nanoseconds since the epoch: no earlier message is the run's; 0: with the log
 * @param isWhole whether the log certainly has the run's beginning
 * @param isOver whether the run is known to be over; may ask the engine
 * @param untilNanos where it ends: no later message is the run's; {@link Long#MAX_VALUE} as long as that is not known
 */
record LogSection(long sinceNanos, boolean isWhole, BooleanSupplier isOver, LongSupplier untilNanos) {}
