/** Streams being served: one virtual thread each, at the client's pace, ended from one place. */
@NullMarked
package io.tailrace.server.stream;

import org.jspecify.annotations.NullMarked;
