package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What the engine answered: HTTP's status, and JSON, or nothing, or words. */
final class Answer {
    static final int NOT_FOUND = 404;
    static final int CONFLICT = 409;
    private static final int FAILED = 500;
    private static final int NOT_MODIFIED = 304;
    private static final int FAILURE_MIN = 300;

    private final int status;
    private final byte[] body;

    Answer(int status, byte[] body) {
        this.status = status;
        this.body = body;
    }

    int status() {
        return status;
    }

    boolean isDone() {
        return status < FAILURE_MIN || status == NOT_MODIFIED;
    }

    /** The body, if it was done. @throws ContainerRuntimeException if it was not, saying what was being done */
    JsonNode json(String action) {
        if (!isDone()) {
            throw failure(action);
        }
        return tree();
    }

    private JsonNode tree() {
        try {
            return body.length == 0 ? MissingNode.getInstance() : Json.MAPPER.readTree(body);
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    /** What the engine says is wrong. */
    String message() {
        String message = tree().path("message").asText("");
        return message.isEmpty() ? new String(body, StandardCharsets.UTF_8).strip() : message;
    }

    /** This as a failure of what was being done. */
    ContainerRuntimeException failure(String action) {
        return new ContainerRuntimeException(code(), "%s: %s".formatted(action, message()));
    }

    private Code code() {
        String words = message().toLowerCase(Locale.ROOT);
        if (words.contains("no space left") || words.contains("too many open files")) {
            return Code.RESOURCE_EXHAUSTED;
        }
        if (status == FAILED && words.contains("dial tcp")) {
            // The registry, not the engine.
            return Code.UNAVAILABLE;
        }
        return switch (status) {
            case 400 -> Code.INVALID_ARGUMENT;
            case 401, 403 -> Code.PERMISSION_DENIED;
            case NOT_FOUND -> Code.NOT_FOUND;
            case 405, 501 -> Code.UNSUPPORTED;
            case CONFLICT -> Code.FAILED_PRECONDITION;
            case 502, 503 -> Code.UNAVAILABLE;
            case 504 -> Code.DEADLINE_EXCEEDED;
            default -> Code.INTERNAL;
        };
    }
}
