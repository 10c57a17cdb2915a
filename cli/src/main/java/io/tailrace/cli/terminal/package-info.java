/** The terminal that the command runs in: raw mode, size, signals, detach keys. */
@NullMarked
package io.tailrace.cli.terminal;

import org.jspecify.annotations.NullMarked;
