package io.tailrace.server;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a configuration: the defaults, over them a YAML file, over that the environment. A value's variable is its path
 * in capitals: {@code listen.unixSocket} is {@code TAILRACE_LISTEN_UNIX_SOCKET}; lists are separated by commas.
 */
public final class ConfigFile {
    private static final String PREFIX = "TAILRACE_";

    /** One token is what most people have: it may be given by this short name. */
    private static final String TOKEN = "TAILRACE_TOKEN";

    private ConfigFile() {}

    /**
     * Reads a configuration.
     *
     * @param file null: none
     * @throws ConfigException naming what is not understood
     */
    public static ServerConfig read(@Nullable Path file, Map<String, String> environment) {
        return read(ServerConfig.defaults(), file, environment);
    }

    static ServerConfig read(ServerConfig defaults, @Nullable Path file, Map<String, String> environment) {
        String token = environment.get(TOKEN);
        boolean hasToken = token != null && !token.isEmpty();
        if (file == null && !hasToken && !namesSetting(environment)) {
            return defaults;
        }
        ObjectNode tree = Mapping.MAPPER.valueToTree(defaults);
        if (file != null) {
            merge(tree, parse(file));
        }
        override(tree, PREFIX, environment);
        if (hasToken) {
            tree.withArray("/access/tokens").add(token);
        }
        try {
            return Mapping.MAPPER.treeToValue(tree, ServerConfig.class);
        } catch (JsonProcessingException e) {
            throw new ConfigException("configuration: " + message(e), e);
        }
    }

    /** Whether a variable can be meant for a setting. Where none is, nothing has to be mapped, which a start would wait for. */
    private static boolean namesSetting(Map<String, String> environment) {
        for (RecordComponent section : ServerConfig.class.getRecordComponents()) {
            String prefix = PREFIX + capitals(section.getName());
            if (environment.keySet().stream().anyMatch(variable -> variable.startsWith(prefix))) {
                return true;
            }
        }
        return false;
    }

    private static JsonNode parse(Path file) {
        try {
            JsonNode tree = new YAMLMapper().readTree(Files.readAllBytes(file));
            return tree == null || tree.isMissingNode() || tree.isNull() ? Mapping.MAPPER.createObjectNode() : tree;
        } catch (JsonProcessingException e) {
            throw new ConfigException("%s: %s".formatted(file, message(e)), e);
        } catch (IOException e) {
            throw new ConfigException("%s: cannot be read: %s".formatted(file, e), e);
        }
    }

    /** Lays one tree over another; what a list says replaces the list below. */
    private static void merge(ObjectNode below, JsonNode above) {
        if (!above.isObject()) {
            throw new ConfigException("configuration: %s (expected: sections)".formatted(above));
        }
        above.properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            if (below.get(entry.getKey()) instanceof ObjectNode section && value.isObject()) {
                merge(section, value);
            } else if (!value.isNull()) {
                below.set(entry.getKey(), value);
            }
        });
    }

    private static void override(ObjectNode section, String prefix, Map<String, String> environment) {
        for (Map.Entry<String, JsonNode> entry : section.properties()) {
            String variable = prefix + capitals(entry.getKey());
            if (entry.getValue() instanceof ObjectNode inner) {
                override(inner, variable + "_", environment);
                continue;
            }
            String value = environment.get(variable);
            if (value != null) {
                entry.setValue(entry.getValue().isArray() ? list(value) : TextNode.valueOf(value));
            }
        }
    }

    private static ArrayNode list(String value) {
        ArrayNode list = Mapping.MAPPER.createArrayNode();
        for (String part : value.split(",")) {
            if (!part.isBlank()) {
                list.add(part.strip());
            }
        }
        return list;
    }

    private static String capitals(String name) {
        return name.replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
    }

    private static String message(JsonProcessingException failure) {
        String path = failure instanceof JsonMappingException mapping ? mapping.getPathReference() : "";
        String where = path.replaceAll("[\\w.$]+\\[\"(\\w+)\"\\](->)?", "$1.");
        return (where.isEmpty() ? "" : where.substring(0, where.length() - 1) + ": ") + failure.getOriginalMessage();
    }

    /** Made when there is something to map. */
    private static final class Mapping {
        static final ObjectMapper MAPPER = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                .addModule(new SimpleModule()
                        .addSerializer(new DurationWriter())
                        .addSerializer(new PathWriter())
                        .addDeserializer(Duration.class, new DurationReader()))
                .build();

        private Mapping() {}
    }

    /** Durations as people write them: {@code 500ms}, {@code 10s}, {@code 5m}, {@code 1h}, {@code 7d}, or ISO 8601. */
    private static final class DurationReader extends StdDeserializer<Duration> {
        private static final long serialVersionUID = 1;

        DurationReader() {
            super(Duration.class);
        }

        @Override
        public Duration deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            String text = parser.getValueAsString("").strip();
            try {
                return parse(text);
            } catch (RuntimeException e) {
                throw context.weirdStringException(text, Duration.class, "expected: such as 500ms, 10s, 5m, 1h, 7d");
            }
        }

        private static Duration parse(String text) {
            if (text.startsWith("P")) {
                return Duration.parse(text);
            }
            String number = text.replaceAll("[a-z]+$", "");
            long value = Long.parseLong(number);
            return switch (text.substring(number.length())) {
                case "ms" -> Duration.ofMillis(value);
                case "s" -> Duration.ofSeconds(value);
                case "m" -> Duration.ofMinutes(value);
                case "h" -> Duration.ofHours(value);
                case "d" -> Duration.ofDays(value);
                default -> throw new IllegalArgumentException(text);
            };
        }
    }

    private static final class DurationWriter extends StdSerializer<Duration> {
        private static final long serialVersionUID = 1;

        DurationWriter() {
            super(Duration.class);
        }

        @Override
        public void serialize(
                Duration value, com.fasterxml.jackson.core.JsonGenerator generator, SerializerProvider provider)
                throws IOException {
            generator.writeString(value.toString());
        }
    }

    /** Jackson would write a path as a URI. */
    private static final class PathWriter extends StdSerializer<Path> {
        private static final long serialVersionUID = 1;

        PathWriter() {
            super(Path.class);
        }

        @Override
        public void serialize(
                Path value, com.fasterxml.jackson.core.JsonGenerator generator, SerializerProvider provider)
                throws IOException {
            generator.writeString(value.toString());
        }
    }
}
