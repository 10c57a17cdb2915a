package io.tailrace.engine;

import io.tailrace.log.Timeline;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a probe has found.
 *
 * @param exitCode 0: healthy; {@link #NO_EXIT_CODE} where nothing ended by itself with one
 * @param output for people, at most {@link Timeline#HEALTH_OUTPUT_BYTES_MAX} bytes
 */
record ProbeResult(int exitCode, ByteBuffer output) {
    static final int NO_EXIT_CODE = -1;

    static ProbeResult of(int exitCode, String words) {
        byte[] bytes = words.getBytes(StandardCharsets.UTF_8);
        return new ProbeResult(
                exitCode,
                ByteBuffer.wrap(Arrays.copyOf(bytes, Math.min(bytes.length, Timeline.HEALTH_OUTPUT_BYTES_MAX))));
    }

    static ProbeResult failed(String words) {
        return of(NO_EXIT_CODE, words);
    }
}
