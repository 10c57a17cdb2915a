package io.tailrace.runtime.containerd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Runs CNI plugins: programs that take a configuration on stdin and a command in the environment (CNI 0.4.0). */
final class CniPlugins {
    private static final long PLUGIN_MILLIS = 30_000;

    private final ObjectMapper json = new ObjectMapper();
    private final List<Path> directories;

    CniPlugins(List<Path> directories) {
        this.directories = directories;
    }

    Optional<Path> find(String type) {
        return directories.stream()
                .map(directory -> directory.resolve(type))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Runs one plugin.
     *
     * @param command ADD or DEL
     * @param namespace its file; if there is no namespace there (any more), a DEL gives back what is held outside it
     * @param configuration with a {@code type}, which names the plugin
     * @return its result; empty for DEL
     */
    JsonNode run(String command, ObjectNode configuration, String containerId, Path namespace, String networkInterface)
            throws IOException {
        String type = configuration.path("type").asText();
        Path plugin = find(type)
                .orElseThrow(() -> new ContainerRuntimeException(
                        Code.UNSUPPORTED, "CNI plugin: %s (expected: in one of %s)".formatted(type, directories)));
        ProcessBuilder builder = new ProcessBuilder(plugin.toString());
        Map<String, String> environment = builder.environment();
        environment.put("CNI_COMMAND", command);
        environment.put("CNI_CONTAINERID", containerId);
        environment.put("CNI_NETNS", NetworkNamespace.exists(namespace) ? namespace.toString() : "");
        environment.put("CNI_IFNAME", networkInterface);
        environment.put("CNI_PATH", directories.stream().map(Path::toString).collect(Collectors.joining(":")));
        Path output = Files.createTempFile("tailrace-cni", ".json");
        try {
            Process process = builder.redirectOutput(output.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(json.writeValueAsBytes(configuration));
            }
            boolean isDone = await(process);
            JsonNode result = json.readTree(Files.readAllBytes(output));
            if (!isDone || process.exitValue() != 0) {
                throw new ContainerRuntimeException(
                        Code.INTERNAL,
                        "CNI plugin %s: %s: %s"
                                .formatted(
                                        type,
                                        command,
                                        isDone ? result.path("msg").asText("no reason given") : "not done in time"));
            }
            return result;
        } finally {
            Files.deleteIfExists(output);
        }
    }

    private static boolean await(Process process) throws IOException {
        try {
            boolean isDone = process.waitFor(PLUGIN_MILLIS, TimeUnit.MILLISECONDS);
            if (!isDone) {
                process.destroyForcibly();
            }
            return isDone;
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }
}
