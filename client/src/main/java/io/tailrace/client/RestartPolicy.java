package io.tailrace.client;

import java.util.Objects;

/**
 * Whether a container is started again when its process has ended by itself. The pause before it begins at 100 ms, doubles each
 * time up to a minute, and begins anew after a run of ten seconds or more.
 *
 * @param kind when
 * @param retriesMax of {@link Kind#ON_FAILURE}: how often since a client started it; 0: without end
 */
public record RestartPolicy(Kind kind, int retriesMax) {
    /** It stays ended. */
    public static final RestartPolicy NO = new RestartPolicy(Kind.NO, 0);
    /** Always; when the server starts, also one that a client has stopped. */
    public static final RestartPolicy ALWAYS = new RestartPolicy(Kind.ALWAYS, 0);
    /** Always, but one that a client has stopped. */
    public static final RestartPolicy UNLESS_STOPPED = new RestartPolicy(Kind.UNLESS_STOPPED, 0);

    /** When a container is started again. One that a client has ended is not, but see {@link #ALWAYS}. */
    public enum Kind {
        /** Never. */
        NO,
        /** When its exit code is not 0. */
        ON_FAILURE,
        /** Always; when the server starts, also one that a client has stopped. */
        ALWAYS,
        /** Always. */
        UNLESS_STOPPED
    }

    /** @throws IllegalArgumentException if there is a limit of retries that the kind has no use for, or below 0 */
    public RestartPolicy {
        Objects.requireNonNull(kind);
        if (retriesMax < 0 || (retriesMax > 0 && kind != Kind.ON_FAILURE)) {
            throw new IllegalArgumentException(
                    "retriesMax: %d (expected: >= 0, and other than 0 only with ON_FAILURE)".formatted(retriesMax));
        }
    }

    /** When its exit code is not 0. @param retriesMax how often since a client started it; 0: without end */
    public static RestartPolicy onFailure(int retriesMax) {
        return new RestartPolicy(Kind.ON_FAILURE, retriesMax);
    }
}
