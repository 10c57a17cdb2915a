/** The HTTP door: timelines and the feed as server-sent events, output as raw bytes. */
@NullMarked
package io.tailrace.server.http;

import org.jspecify.annotations.NullMarked;
