package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.Images.Progress;
import io.tailrace.runtime.spi.Images.ProgressListener;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Follows what the engine reports while it fetches or loads an image: a JSON object for each step. */
final class ImageProgress {
    private static final int SAID_MAX = 1_000;
    private static final String DONE = "done";

    private final EngineClient client;
    private final String action;
    private final ProgressListener listener;

    /** Parts that were begun: of those that are there already, as of the image itself, the engine tells no end. */
    private final Map<String, Progress> begun = new LinkedHashMap<>();

    ImageProgress(EngineClient client, String action, ProgressListener listener) {
        this.client = client;
        this.action = action;
        this.listener = listener;
    }

    /** Sends a request and reads to its end. @return what the engine said beside the progress of parts */
    List<String> follow(String path, InputStream body) {
        List<String> said = new ArrayList<>();
        HttpConnection answer = client.stream(path, body, action);
        try (MappingIterator<JsonNode> steps =
                Json.MAPPER.readerFor(JsonNode.class).readValues(Channels.newInputStream(answer))) {
            while (steps.hasNextValue()) {
                JsonNode step = steps.nextValue();
                if (step.has("error")) {
                    throw failure(step.path("error").asText());
                }
                tell(step);
                if (said.size() < SAID_MAX) {
                    said.add(step.path("stream").asText(step.path("status").asText()));
                }
            }
            for (Progress part : begun.values()) {
                listener.progressed(new Progress(part.part(), DONE, part.totalBytes(), part.totalBytes()));
            }
            return said;
        } catch (IOException e) {
            throw new ContainerRuntimeException(Code.UNAVAILABLE, "%s: %s".formatted(action, e), e);
        } finally {
            client.end(answer);
        }
    }

    private void tell(JsonNode step) {
        String part = step.path("id").asText("");
        if (part.isEmpty()) {
            return;
        }
        JsonNode detail = step.path("progressDetail");
        String status = switch (step.path("status").asText()) {
            case "Downloading" -> "downloading";
            case "Extracting" -> "unpacking";
            case "Pull complete", "Download complete", "Already exists" -> DONE;
            default -> "waiting";
        };
        var progress = new Progress(
                part,
                status,
                detail.path("current").asLong(),
                detail.path("total").asLong());
        listener.progressed(progress);
        if (status.equals(DONE)) {
            begun.remove(part);
        } else if (begun.size() < SAID_MAX) {
            begun.put(part, progress);
        }
    }

    private ContainerRuntimeException failure(String words) {
        String lower = words.toLowerCase(Locale.ROOT);
        Code code = lower.contains("not found") || lower.contains("manifest unknown")
                ? Code.NOT_FOUND
                : lower.contains("denied") || lower.contains("unauthorized")
                        ? Code.PERMISSION_DENIED
                        : lower.contains("no space left")
                                ? Code.RESOURCE_EXHAUSTED
                                : lower.contains("dial tcp")
                                                || lower.contains("timeout")
                                                || lower.contains("connection")
                                        ? Code.UNAVAILABLE
                                        : Code.INTERNAL;
        return new ContainerRuntimeException(code, "%s: %s".formatted(action, words));
    }
}
