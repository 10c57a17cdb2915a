/** The tailrace.v1 door: gRPC, and by transcoding HTTP with JSON. */
@NullMarked
package io.tailrace.server.v1;

import org.jspecify.annotations.NullMarked;
