package io.tailrace.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tailrace.client.Container;
import io.tailrace.client.ContainerSpec;
import io.tailrace.client.NetworkMode;
import io.tailrace.client.StandardStream;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TailraceException;
import io.tailrace.client.TimelineRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One of the files in acceptance/scenarios, which every client of ours is driven through, so that they cannot drift: what to
 * run, how to read it, and what must come of it.
 *
 * @param name of the file
 */
record Scenario(String name, JsonNode content) {
    private static final Path DIRECTORY = Launch.ROOT.resolve("acceptance/scenarios");
    private static final Duration CUT_LIMIT = Duration.ofSeconds(60);

    /** All there are, by name. */
    static List<Scenario> all() throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<Scenario> scenarios = new ArrayList<>();
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString().replace(".json", "");
                scenarios.add(new Scenario(name, json.readTree(file.toFile())));
            }
        }
        return scenarios;
    }

    /** What must come of it, by name. */
    Map<String, String> expected() {
        Map<String, String> expected = new TreeMap<>();
        content.get("expect")
                .properties()
                .forEach(each -> expected.put(each.getKey(), each.getValue().asText()));
        return expected;
    }

    /** What the Java client makes of it: of that which is expected, what came. */
    Map<String, String> play(TailraceServerProcess server, String image) {
        boolean isCut = content.has("cutAfterBytes");
        long bytesMax = isCut ? content.get("cutAfterBytes").asLong() : Long.MAX_VALUE;
        try (CuttingProxy proxy = new CuttingProxy(server.port(), bytesMax, false);
                Tailrace tailrace = Tailrace.builder()
                        .address("http://" + proxy.address())
                        .token(TailraceServerProcess.TOKEN)
                        .build()) {
            Thread healer = Thread.ofVirtual().unstarted(() -> {
                Waiting.until("the cut", CUT_LIMIT, proxy::isCut);
                proxy.heal();
            });
            if (isCut) {
                healer.start();
            }
            Map<String, String> result = play(tailrace, image);
            if (isCut) {
                healer.join();
            }
            result.keySet().retainAll(expected().keySet());
            return result;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Map<String, String> play(Tailrace tailrace, String image) {
        Map<String, String> result = new TreeMap<>();
        ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        ByteArrayOutputStream stderr = new ByteArrayOutputStream();
        try {
            Container container = tailrace.containers().run(spec(image));
            if (content.path("isLate").asBoolean()) {
                container.waitFor();
            }
            if (content.has("readFile")) {
                container.waitForLine("^ready$");
                result.put("file", read(container, content.get("readFile").asText()));
                container.kill("KILL");
            }
            try (var follow = container.follow()) {
                for (var record : follow) {
                    if (record instanceof TimelineRecord.Output output) {
                        (output.stream() == StandardStream.STDOUT ? stdout : stderr).writeBytes(output.bytes());
                    } else if (record instanceof TimelineRecord.Exit exit) {
                        result.put("exitCode", String.valueOf(exit.status().exitCode()));
                    }
                }
            }
            result.put("stdout", stdout.toString(StandardCharsets.UTF_8));
            result.put("stdoutLength", String.valueOf(stdout.size()));
            result.put("stderr", stderr.toString(StandardCharsets.UTF_8));
        } catch (TailraceException e) {
            result.put("error", e.code().name());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return result;
    }

    private static String read(Container container, String path) throws IOException {
        Path copy = Files.createTempFile("tailrace-scenario-", "");
        try {
            container.copyFrom(path, copy);
            return Files.readString(copy);
        } finally {
            Files.delete(copy);
        }
    }

    private ContainerSpec spec(String image) {
        List<String> command = new ArrayList<>();
        if (content.has("command")) {
            content.get("command").forEach(word -> command.add(word.asText()));
        } else {
            command.addAll(List.of("sh", "-c", content.get("script").asText()));
        }
        return new ContainerSpec(content.has("image") ? content.get("image").asText() : image)
                .entrypoint()
                .command(command)
                .network(NetworkMode.NONE)
                .autoRemove();
    }
}
