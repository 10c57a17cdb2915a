/**
 * The timeline: the durable, ordered, byte-exact log of everything that happened to one container or one exec. Bytes on
 * disk are docs/formats/timeline.md; what is promised is docs/contracts/delivery.md. Knows nothing of containers and
 * depends on the JDK alone.
 */
@NullMarked
package io.tailrace.log;

import org.jspecify.annotations.NullMarked;
