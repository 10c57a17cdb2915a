package io.tailrace.server.stream;

import io.tailrace.engine.EngineException;
import org.jspecify.annotations.Nullable;

/** Thrown in a stream's body when somebody else has ended the stream: its client, or the server that shuts down. */
public final class StreamEndedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final @Nullable EngineException failure;

    /** An end. @param failure what the client is told; null if there is no client left to tell */
    StreamEndedException(@Nullable EngineException failure) {
        super(failure == null ? "the client left" : failure.getMessage(), failure, false, false);
        this.failure = failure;
    }

    /** What the client is told; null if there is no client left to tell. */
    @Nullable EngineException failure() {
        return failure;
    }
}
