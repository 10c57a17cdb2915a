/**
 * What the engine asks of a runtime: images, containers, processes and their stdio. Small and imperative; policy
 * (restart, health, timeouts, retention) is not here but in the engine, once for all runtimes.
 *
 * <p>The order in which calls must and may come is the table in docs/contracts/runtime.md; the suite in
 * runtime/conformance proves it against every runtime.
 */
@NullMarked
package io.tailrace.runtime.spi;

import org.jspecify.annotations.NullMarked;
