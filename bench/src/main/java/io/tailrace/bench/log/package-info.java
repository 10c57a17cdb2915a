/** The log measured alone, against a plain file. */
@NullMarked
package io.tailrace.bench.log;

import org.jspecify.annotations.NullMarked;
