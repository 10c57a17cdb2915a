package io.tailrace.cli;

import io.tailrace.client.ByteSize;
import io.tailrace.client.ContainerSpec;
import io.tailrace.client.Mount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Mounts as docker's flags give them. What their options may be is the server's to say. */
final class Mounts {
    private Mounts() {}

    /** {@code [SOURCE:]TARGET[:ro,rslave]}; a source that is no path is the name of a volume. */
    static void volume(ContainerSpec spec, String text) {
        var parts = text.split(":", -1);
        if (parts.length == 1 && text.startsWith("/")) {
            spec.volume(text);
            return;
        }
        if (parts.length < 2 || parts.length > 3 || parts[0].isEmpty() || !parts[1].startsWith("/")) {
            throw new CliException(
                    "volume: \"%s\" (expected: /SOURCE:/TARGET, NAME:/TARGET, either with :ro, or /TARGET)"
                            .formatted(text));
        }
        boolean isReadOnly = false;
        List<String> options = new ArrayList<>();
        for (var option : parts.length == 3 ? parts[2].split(",") : new String[0]) {
            switch (option) {
                case "ro", "readonly" -> isReadOnly = true;
                // Labels for SELinux, which containers here are not given.
                case "rw", "z", "Z" -> {}
                default -> options.add(option);
            }
        }
        boolean isPath = parts[0].startsWith("/") || parts[0].startsWith(".");
        spec.mount(
                isPath
                        ? new Mount(Mount.Type.BIND, path(parts[0]), parts[1], isReadOnly, 0, options)
                        : new Mount(Mount.Type.VOLUME, parts[0], parts[1], isReadOnly, 0, options));
    }

    private static String path(String source) {
        return source.startsWith(".")
                ? Path.of(source).toAbsolutePath().normalize().toString()
                : source;
    }

    /**
     * {@code type=bind,source=S,target=T[,readonly][,bind-propagation=rslave]},
     * {@code type=volume[,source=NAME],target=T[,readonly][,volume-nocopy]} or
     * {@code type=tmpfs,target=T[,tmpfs-size=64m][,tmpfs-mode=1777]}.
     */
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
        boolean isReadOnly = "true".equals(fields.getOrDefault("readonly", "false"));
        fields.remove("readonly");
        List<String> options = new ArrayList<>();
        if (target == null) {
            throw invalid(text);
        }
        switch (type) {
            case "bind" -> {
                var source = fields.remove("source");
                addIfGiven(options, "", fields.remove("bind-propagation"));
                if (source == null || !(source.startsWith("/") || source.startsWith(".")) || !fields.isEmpty()) {
                    throw invalid(text);
                }
                spec.mount(new Mount(Mount.Type.BIND, path(source), target, isReadOnly, 0, options));
            }
            case "volume" -> {
                var source = fields.remove("source");
                if ("true".equals(fields.remove("volume-nocopy"))) {
                    options.add("nocopy");
                }
                if (!fields.isEmpty()) {
                    throw invalid(text);
                }
                spec.mount(new Mount(Mount.Type.VOLUME, source == null ? "" : source, target, isReadOnly, 0, options));
            }
            case "tmpfs" -> {
                var size = fields.remove("tmpfs-size");
                addIfGiven(options, "mode=", fields.remove("tmpfs-mode"));
                if (!fields.isEmpty()) {
                    throw invalid(text);
                }
                spec.mount(tmpfs(target, isReadOnly, size == null ? "" : size, options));
            }
            default -> throw invalid(text);
        }
    }

    private static void addIfGiven(List<String> options, String prefix, @Nullable String value) {
        if (value != null) {
            options.add(prefix + value);
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
        return new CliException(("mount: \"%s\" (expected: type=bind,source=S,target=T[,readonly][,bind-propagation=P]"
                        + ", type=volume[,source=NAME],target=T[,readonly][,volume-nocopy]"
                        + " or type=tmpfs,target=T[,tmpfs-size=64m][,tmpfs-mode=1777])")
                .formatted(text));
    }

    /** {@code TARGET[:size=64m,mode=1777]}. */
    static void tmpfs(ContainerSpec spec, String text) {
        int colon = text.indexOf(':');
        var target = colon < 0 ? text : text.substring(0, colon);
        String size = "";
        boolean isReadOnly = false;
        List<String> options = new ArrayList<>();
        for (var option : colon < 0 ? new String[0] : text.substring(colon + 1).split(",")) {
            if (option.startsWith("size=")) {
                size = option.substring("size=".length());
            } else if (option.equals("ro")) {
                isReadOnly = true;
            } else if (!option.equals("rw")) {
                options.add(option);
            }
        }
        spec.mount(tmpfs(target, isReadOnly, size, options));
    }

    private static Mount tmpfs(String target, boolean isReadOnly, String size, List<String> options) {
        long bytes = size.isEmpty() ? 0 : ByteSize.parse("tmpfs size", size);
        return new Mount(Mount.Type.TMPFS, "", target, isReadOnly, bytes, options);
    }
}
