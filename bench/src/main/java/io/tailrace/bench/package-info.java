/** Measured comparisons with what one would use instead. */
@NullMarked
package io.tailrace.bench;

import org.jspecify.annotations.NullMarked;
