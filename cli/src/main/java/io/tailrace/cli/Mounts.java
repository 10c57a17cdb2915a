package io.tailrace.cli;

import io.tailrace.client.ContainerSpec;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Mounts as docker's flags give them. */
final class Mounts {
    private Mounts() {}

    /** {@code SOURCE:TARGET[:ro]}. */
    static void volume(ContainerSpec spec, String text) {
        var parts = text.split(":", -1);
        if (parts.length < 2 || parts.length > 3 || parts[0].isEmpty() || !parts[1].startsWith("/")) {
            throw new CliException("volume: \"%s\" (expected: /SOURCE:/TARGET or /SOURCE:/TARGET:ro)".formatted(text));
        }
        boolean isReadOnly = false;
        for (var option : parts.length == 3 ? parts[2].split(",") : new String[0]) {
            switch (option) {
                case "ro", "readonly" -> isReadOnly = true;
                // Labels for SELinux, which containers here are not given.
                case "rw", "z", "Z" -> {}
                default ->
                    throw new CliException(
                            "volume: \"%s\": option \"%s\" (expected: ro or rw)".formatted(text, option));
            }
        }
        bind(spec, source(text, parts[0]), parts[1], isReadOnly);
    }

    private static String source(String text, String source) {
        if (source.startsWith("/")) {
            return source;
        }
        if (source.startsWith(".")) {
            return Path.of(source).toAbsolutePath().normalize().toString();
        }
        throw new CliException("volume: \"%s\": there are no named volumes (expected: a path that begins with / or .)"
                .formatted(text));
    }

    private static void bind(ContainerSpec spec, String source, String target, boolean isReadOnly) {
        if (isReadOnly) {
            spec.bindReadOnly(source, target);
        } else {
            spec.bind(source, target);
        }
    }

    /** {@code type=bind,source=S,target=T[,readonly]} or {@code type=tmpfs,target=T[,tmpfs-size=64m]}. */
    static void mount(ContainerSpec spec, String text) {
        Map<String, String> fields = new HashMap<>();
        for (var field : text.split(",")) {
            int equals = field.indexOf('=');
            fields.put(
                    name(equals < 0 ? field : field.substring(0, equals)),
                    equals < 0 ? "true" : field.substring(equals + 1));
        }
        var target = fields.remove("target");
        var type = fields.getOrDefault("type", "bind");
        fields.remove("type");
        if (target == null) {
            throw invalid(text);
        }
        switch (type) {
            case "bind" -> {
                var source = fields.remove("source");
                boolean isReadOnly = "true".equals(fields.getOrDefault("readonly", "false"));
                fields.remove("readonly");
                if (source == null || !fields.isEmpty()) {
                    throw invalid(text);
                }
                bind(spec, source(text, source), target, isReadOnly);
            }
            case "tmpfs" -> {
                var size = fields.remove("tmpfs-size");
                if (!fields.isEmpty()) {
                    throw invalid(text);
                }
                tmpfs(spec, size == null ? target : target + ":size=" + size);
            }
            default -> throw invalid(text);
        }
    }

    private static String name(String field) {
        return switch (field) {
            case "src" -> "source";
            case "dst", "destination" -> "target";
            case "ro" -> "readonly";
            default -> field;
        };
    }

    private static CliException invalid(String text) {
        return new CliException(("mount: \"%s\" (expected: type=bind,source=S,target=T[,readonly]"
                        + " or type=tmpfs,target=T[,tmpfs-size=64m])")
                .formatted(text));
    }

    /** {@code TARGET[:size=64m]}. */
    static void tmpfs(ContainerSpec spec, String text) {
        int colon = text.indexOf(':');
        var target = colon < 0 ? text : text.substring(0, colon);
        String size = "";
        for (var option : colon < 0 ? new String[0] : text.substring(colon + 1).split(",")) {
            if (option.startsWith("size=")) {
                size = option.substring("size=".length());
            } else if (!option.equals("rw")) {
                throw new CliException("tmpfs: \"%s\": option \"%s\" (expected: size=64m)".formatted(text, option));
            }
        }
        if (size.isEmpty()) {
            spec.tmpfs(target);
        } else {
            spec.tmpfs(target, size);
        }
    }
}
