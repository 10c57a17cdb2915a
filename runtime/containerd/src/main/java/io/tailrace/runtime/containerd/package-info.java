/** The runtime that starts processes through containerd. */
@NullMarked
package io.tailrace.runtime.containerd;

import org.jspecify.annotations.NullMarked;
