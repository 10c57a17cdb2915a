/**
 * What the tests of the delivery contract have in common, wherever they stand: which promise a test attacks, the ledger in
 * which it counts what it compared, and the table that all of them end in. For tests only; nothing that is shipped uses it.
 */
@NullMarked
package io.tailrace.delivery;

import org.jspecify.annotations.NullMarked;
