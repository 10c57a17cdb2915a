/** The suite every runtime must pass, and the scripted runtime that engine tests use. */
@NullMarked
package io.tailrace.runtime.conformance;

import org.jspecify.annotations.NullMarked;
