/**
 * What the build runs once so that the command and the server start quickly: see docs/decisions/0007. None of it takes
 * part in running containers.
 */
@NullMarked
package io.tailrace.cli.training;

import org.jspecify.annotations.NullMarked;
