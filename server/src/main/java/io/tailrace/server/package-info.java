/** The server: doors, authentication, configuration, and the wiring of it all. */
@NullMarked
package io.tailrace.server;

import org.jspecify.annotations.NullMarked;
