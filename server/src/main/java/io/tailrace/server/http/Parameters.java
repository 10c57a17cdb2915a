package io.tailrace.server.http;

import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A request's path and query. What is not understood is refused: a misspelt parameter must not pass for its default. */
final class Parameters {
    private final ServiceRequestContext context;
    private final QueryParams query;

    /** The parameters of a request. @param known the names that its route understands */
    Parameters(ServiceRequestContext context, Set<String> known) {
        this.context = context;
        this.query = context.queryParams();
        for (String name : query.names()) {
            if (!known.contains(name)) {
                throw invalid(name, "", "one of " + String.join(", ", new TreeSet<>(known)));
            }
        }
    }

    /** A part of the path; empty if the route has none of that name. */
    String path(String name) {
        return Objects.requireNonNullElse(context.pathParam(name), "");
    }

    /** A text; null if it is not given. */
    @Nullable String text(String name) {
        return query.get(name);
    }

    /** Whether a flag is set: {@code ?name}, {@code ?name=true}, {@code ?name=1}. */
    boolean flag(String name) {
        String value = query.get(name);
        return switch (value) {
            case null -> false;
            case "", "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw invalid(name, value, "true or false");
        };
    }

    /** A number of 0 or more; null if it is not given. */
    @Nullable Long number(String name) {
        String value = query.get(name);
        if (value == null) {
            return null;
        }
        try {
            long number = Long.parseLong(value);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Refused below.
        }
        throw invalid(name, value, "0 or more");
    }

    /** A time; null if it is not given. */
    @Nullable Instant time(String name) {
        String value = query.get(name);
        return value == null ? null : Moments.parse(name, value, Instant.now());
    }

    /** One word of an enum, in lower case; null if it is not given. */
    <E extends Enum<E>> @Nullable E word(String name, Class<E> type) {
        String value = query.get(name);
        return value == null ? null : word(name, value, type);
    }

    /** Words of an enum, separated by commas or given again; empty if none are. */
    <E extends Enum<E>> Set<E> words(String name, Class<E> type) {
        return query.getAll(name).stream()
                .flatMap(value -> Arrays.stream(value.split(",")))
                .filter(value -> !value.isBlank())
                .map(value -> word(name, value.strip(), type))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static <E extends Enum<E>> E word(String name, String value, Class<E> type) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(value)) {
                return constant;
            }
        }
        throw invalid(
                name,
                value,
                Arrays.stream(type.getEnumConstants())
                        .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", ")));
    }

    /** INVALID_ARGUMENT for a parameter. */
    static EngineException invalid(String name, String value, String expected) {
        return new EngineException(
                ErrorCode.INVALID_ARGUMENT, "%s: %s (expected: %s)".formatted(name, value, expected));
    }
}
