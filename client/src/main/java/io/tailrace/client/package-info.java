/** The Java SDK: run containers and follow their output, resumably. */
@NullMarked
package io.tailrace.client;

import org.jspecify.annotations.NullMarked;
