/**
 * Fuzzing: fuzz targets are static methods of test classes that take bytes and fail on what must never happen. Every build
 * replays the inputs that are kept and some seeded mutations of them; the long form has Jazzer look for more, guided by
 * coverage. For tests only; nothing that is shipped uses it.
 */
@NullMarked
package io.tailrace.delivery.fuzz;

import org.jspecify.annotations.NullMarked;
