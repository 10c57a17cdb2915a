package io.tailrace.runtime.spi;

import java.time.Instant;

/**
 * How a process ended.
 *
 * @param exitCode 0 to 255; 128 + n where signal n ended it, as shells report it
 * @param isOutOfMemory whether the kernel killed it because its container had no memory left
 * @param isLost whether the runtime lost sight of it, so that code and time are not known
 * @param at when
 */
public record ProcessExit(int exitCode, boolean isOutOfMemory, boolean isLost, Instant at) {}
