package io.tailrace.engine;

import java.time.Duration;

/**
 * How an engine watches what containers use.
 *
 * @param interval between two samples of all that run; 0: none are taken, so that there is neither history nor alert
 * @param samplesMax of each container that are kept, in memory, until it is removed
 * @param thresholds above which there are alerts, until others are set
 */
public record Sampling(Duration interval, int samplesMax, Thresholds thresholds) {
    /**
     * Every 10 s, the newest 120: twenty minutes. A sample costs some 2 ms of processor time, the runtime's share included
     * (measured with 100 idle containers on containerd): so a hundred of them take some 2 % of one processor.
     */
    public static final Sampling DEFAULT = new Sampling(Duration.ofSeconds(10), 120, Thresholds.DEFAULT);

    private static final int SAMPLES_MAX_MAX = 100_000;

    /** @throws EngineException INVALID_ARGUMENT for what cannot be */
    public Sampling {
        Checks.notNegative("sampling.interval", interval);
        if (samplesMax < 1 || samplesMax > SAMPLES_MAX_MAX) {
            throw new EngineException(
                    ErrorCode.INVALID_ARGUMENT,
                    "sampling.samplesMax: %d (expected: 1 to %d)".formatted(samplesMax, SAMPLES_MAX_MAX));
        }
    }

    boolean isOn() {
        return !interval.isZero();
    }
}
