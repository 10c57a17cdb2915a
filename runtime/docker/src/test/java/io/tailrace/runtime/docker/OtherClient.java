package io.tailrace.runtime.docker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Another client of the engine, whose containers are none of ours. Removes them when it is closed. */
final class OtherClient implements AutoCloseable {
    private final EngineClient client;
    private final List<String> made = new ArrayList<>();

    OtherClient(String socket) {
        client = new EngineClient(Endpoint.parse(socket));
    }

    /**
     * As {@code docker run --detach}.
     *
     * @param driver of its log
     * @param more beside the script, in the engine's words
     */
    String run(String driver, Map<String, Object> more, String script) {
        return run(driver, Map.of(), more, script);
    }

    /** As {@link #run(String, Map, String)}. @param options of the log's driver */
    String run(String driver, Map<String, String> options, Map<String, Object> more, String script) {
        Map<String, Object> request =
                new LinkedHashMap<>(Map.of("Image", TestDockerd.IMAGE, "Cmd", List.of("sh", "-c", script)));
        request.putAll(more);
        Map<String, Object> host = new LinkedHashMap<>(Map.of("LogConfig", Map.of("Type", driver, "Config", options)));
        if (more.get("HostConfig") instanceof Map<?, ?> given) {
            given.forEach((name, value) -> host.put(name.toString(), value));
        }
        request.put("HostConfig", host);
        String id = client.post("/containers/create", request, EngineClient.LONG)
                .json("create")
                .path("Id")
                .asText();
        made.add(id);
        tell(id, "/start");
        return id;
    }

    /** As {@code docker start} and the like. */
    void tell(String id, String command) {
        Answer answer = client.post("/containers/" + id + command, Map.of(), EngineClient.LONG);
        if (!answer.isDone()) {
            throw answer.failure(command);
        }
    }

    /** As {@code docker wait}. */
    void await(String id) {
        tell(id, "/wait");
    }

    /** As {@code docker rm --force}. */
    void remove(String id) {
        Answer answer = client.delete("/containers/" + id + "?force=true");
        if (!answer.isDone() && answer.status() != Answer.NOT_FOUND) {
            throw answer.failure("remove");
        }
    }

    List<String> made() {
        return made;
    }

    @Override
    public void close() {
        made.forEach(this::remove);
        client.close();
    }
}
