/** The timeline: a durable, ordered, byte-exact log of everything that happened to one container or exec. */
@NullMarked
package io.tailrace.log;

import org.jspecify.annotations.NullMarked;
