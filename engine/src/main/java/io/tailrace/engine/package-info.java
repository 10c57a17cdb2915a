/**
 * Containers and execs: their states, the capture of their output, the subscriptions of their readers, and every policy
 * (stop, retention, re-adoption), once for all runtimes. Knows no protocol.
 */
@NullMarked
package io.tailrace.engine;

import org.jspecify.annotations.NullMarked;
