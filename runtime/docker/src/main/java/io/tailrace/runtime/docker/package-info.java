/** Containers through a Docker Engine's API: Docker itself, or what serves the same, over a socket. */
@NullMarked
package io.tailrace.runtime.docker;

import org.jspecify.annotations.NullMarked;
