/** The {@code tailrace} command. */
@NullMarked
package io.tailrace.cli;

import org.jspecify.annotations.NullMarked;
