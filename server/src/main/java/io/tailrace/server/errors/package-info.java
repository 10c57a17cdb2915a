/** How failures look in each protocol: one table, one place per protocol. */
@NullMarked
package io.tailrace.server.errors;

import org.jspecify.annotations.NullMarked;
