package io.tailrace.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** How requests, specs and folds stand in timelines: their records as JSON. Unknown fields are skipped when read. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private Json() {}

    static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write " + value.getClass(), e);
        }
    }

    /** As {@link #write}, in UTF-8. By way of a text, because half a character makes Jackson fail to write bytes. */
    static byte[] writeBytes(Object value) {
        return write(value).getBytes(StandardCharsets.UTF_8);
    }

    /** The value that was written; INTERNAL if it is not one. */
    static <T> T read(String json, Class<T> type) {
        try {
            return present(MAPPER.readValue(json, type), type);
        } catch (IOException e) {
            throw damaged(type, e);
        }
    }

    /** The value that was written; INTERNAL if it is not one. */
    static <T> T read(byte[] json, Class<T> type) {
        try {
            return present(MAPPER.readValue(json, type), type);
        } catch (IOException e) {
            throw damaged(type, e);
        }
    }

    private static <T> T present(@Nullable T value, Class<T> type) throws IOException {
        if (value == null) {
            throw new IOException("null (expected: a %s)".formatted(type.getSimpleName()));
        }
        return value;
    }

    private static EngineException damaged(Class<?> type, IOException e) {
        return new EngineException(
                ErrorCode.INTERNAL,
                "a timeline's %s cannot be read: %s".formatted(type.getSimpleName(), e.getMessage()),
                e);
    }
}
