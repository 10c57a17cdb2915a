package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears the engine's events and tells the processes that they concern. Events may be missed, when the engine is restarted
 * or its queue is full: each time they are heard again, and every few seconds beside, all that are watched ask by
 * themselves. Two virtual threads, until it is closed. Thread-safe.
 */
final class EventWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventWatch.class);
    private static final long PAUSE_MILLIS_MIN = 50;
    private static final long PAUSE_MILLIS_MAX = 2_000;
    private static final long SWEEP_MILLIS = 5_000;
    private static final long JOIN_MILLIS = 5_000;
    private static final int DEATHS_MAX = 256;
    /** Of a container, that who follows it must know. */
    private static final Set<String> LIFECYCLE = Set.of("start", "die", "pause", "unpause", "destroy", "rename");

    private final EngineClient client;
    private final Path dataDirectory;
    private final Set<Watched> watched = ConcurrentHashMap.newKeySet();
    private final List<Thread> threads;
    private final AtomicInteger breaks = new AtomicInteger();
    private final boolean isOfAll;

    /** By container, oldest first. Guarded by itself. */
    private final LinkedHashMap<String, Death> deaths = new LinkedHashMap<>();

    private volatile Consumer<String> listener = container -> {};
    private volatile boolean isClosed;

    /**
     * Hears them from now on.
     *
     * @param dataDirectory whose containers count
     * @param isOfAll whether those of containers that others made count, too
     * @throws io.tailrace.runtime.spi.ContainerRuntimeException if the engine does not let it
     */
    EventWatch(EngineClient client, Path dataDirectory, boolean isOfAll) {
        this.client = client;
        this.dataDirectory = dataDirectory;
        this.isOfAll = isOfAll;
        HttpConnection first = connect();
        threads = List.of(
                Thread.ofVirtual().name("docker-events").unstarted(() -> hear(first)),
                Thread.ofVirtual().name("docker-sweep").unstarted(this::sweep));
        threads.forEach(Thread::start);
    }

    void add(Watched process) {
        watched.add(process);
    }

    void remove(Watched process) {
        watched.remove(process);
    }

    /** Has a listener told the engine's id of each container of which there is an event. It must return at once. */
    void listen(Consumer<String> other) {
        listener = other;
    }

    /**
     * How often the connection that brings the events has ended: as long as it stays the same, the engine has not been
     * restarted.
     */
    int breaks() {
        return breaks.get();
    }

    private HttpConnection connect() {
        Map<String, List<String>> wanted = new HashMap<>(Map.of("type", List.of("container")));
        if (!isOfAll) {
            // With its value: Podman finds nothing by a label's name alone.
            wanted.put("label", List.of(Labels.DATA_DIRECTORY + "=" + dataDirectory));
        }
        String filters = Json.text(wanted);
        return client.stream("/events?filters=" + EngineClient.encoded(filters), "hear the engine's events");
    }

    private void hear(HttpConnection first) {
        @Nullable HttpConnection next = first;
        long pauseMillis = PAUSE_MILLIS_MIN;
        while (!isClosed) {
            try {
                HttpConnection events = next != null ? next : connect();
                next = null;
                checkAll();
                try (MappingIterator<JsonNode> iterator =
                        Json.MAPPER.readerFor(JsonNode.class).readValues(Channels.newInputStream(events))) {
                    pauseMillis = PAUSE_MILLIS_MIN;
                    while (iterator.hasNextValue()) {
                        tell(iterator.nextValue());
                    }
                } finally {
                    breaks.incrementAndGet();
                    client.end(events);
                }
            } catch (ContainerRuntimeException | IOException e) {
                if (!isClosed) {
                    log.debug("the engine's events are not heard", e);
                }
            }
            if (isClosed || !pause(pauseMillis)) {
                return;
            }
            pauseMillis = Math.min(2 * pauseMillis, PAUSE_MILLIS_MAX);
        }
    }

    private void tell(JsonNode event) {
        // Exec events say more behind a colon: "exec_start: ls -l".
        String action = event.path("Action").asText().split(":", 2)[0];
        JsonNode actor = event.path("Actor");
        String id = actor.path("ID").asText();
        String execId = actor.path("Attributes").path("execID").asText();
        long nanos = event.path("timeNano").asLong();
        // First, for who asks meanwhile: to tell may take a call to the engine.
        if (isOfAll && action.equals("die")) {
            remember(id, actor.path("Attributes").path("exitCode").asText(), nanos);
        }
        for (Watched process : watched) {
            if (process.containerId().equals(id)) {
                tell(
                        process,
                        action,
                        execId,
                        actor.path("Attributes").path("exitCode").asText(),
                        nanos);
            }
        }
        if (LIFECYCLE.contains(action)) {
            listener.accept(id);
        }
    }

    /** How a container's process ended. */
    record Death(int exitCode, Instant at) {}

    /** The latest end of a container that was heard of, of the newest few hundred. */
    Optional<Death> death(String containerId) {
        synchronized (deaths) {
            return Optional.ofNullable(deaths.get(containerId));
        }
    }

    private void remember(String containerId, String exitCode, long nanos) {
        if (exitCode.matches("[0-9]{1,3}") && nanos > 0) {
            synchronized (deaths) {
                deaths.remove(containerId);
                deaths.put(containerId, new Death(Integer.parseInt(exitCode), Instant.ofEpochSecond(0, nanos)));
                if (deaths.size() > DEATHS_MAX) {
                    deaths.pollFirstEntry();
                }
            }
        }
    }

    private void tell(Watched process, String action, String execId, String exitCode, long nanos) {
        switch (action) {
            case "oom" -> process.outOfMemory();
            case "exec_die" -> {
                if (!process.execId().isEmpty() && process.execId().equals(execId)) {
                    if (exitCode.matches("[0-9]{1,3}") && nanos > 0) {
                        process.ended(Integer.parseInt(exitCode), Instant.ofEpochSecond(0, nanos));
                    } else {
                        check(process);
                    }
                }
            }
            case "die" -> {
                if (process.execId().isEmpty() && exitCode.matches("[0-9]{1,3}") && nanos > 0) {
                    ended(process, Integer.parseInt(exitCode), Instant.ofEpochSecond(0, nanos));
                } else {
                    check(process);
                }
            }
            // Podman's word for the end of an exec, of which it does not say which.
            case "destroy", "stop", "kill", "exec_died" -> check(process);
            default -> {
                // Nothing that ends a process.
            }
        }
    }

    private static void ended(Watched process, int exitCode, Instant at) {
        try {
            process.ended(exitCode, at);
        } catch (ContainerRuntimeException e) {
            log.debug("the engine does not say how {} is", process.containerId(), e);
        }
    }

    private void sweep() {
        while (!isClosed && pause(SWEEP_MILLIS)) {
            checkAll();
        }
    }

    private void checkAll() {
        watched.forEach(this::check);
    }

    private void check(Watched process) {
        try {
            process.check();
        } catch (ContainerRuntimeException e) {
            log.debug("the engine does not say how {} is", process.containerId(), e);
        }
    }

    private static boolean pause(long millis) {
        try {
            Thread.sleep(millis);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Override
    public void close() {
        isClosed = true;
        for (Thread thread : threads) {
            thread.interrupt();
        }
        try {
            for (Thread thread : threads) {
                thread.join(JOIN_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
