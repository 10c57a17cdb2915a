/** Followers of output, any number of them: how they connect, what they decode, and what they find out about it. */
@NullMarked
package io.tailrace.bench.follow;

import org.jspecify.annotations.NullMarked;
