/** The Exec door, for clients that know that service. */
@NullMarked
package io.tailrace.server.exec;

import org.jspecify.annotations.NullMarked;
