/** Containers, execs, capture, subscriptions and policies, independent of any protocol and any runtime. */
@NullMarked
package io.tailrace.engine;

import org.jspecify.annotations.NullMarked;
