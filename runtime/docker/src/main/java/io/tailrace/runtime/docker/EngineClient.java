package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Speaks with an engine. Each call has a connection of its own, which costs little on one machine, and a time after
 * which it is broken off. Thread-safe.
 */
final class EngineClient implements AutoCloseable {
    /** For what an engine answers from memory. */
    static final Duration SOON = Duration.ofSeconds(30);

    /** For what makes it start, stop or copy something. */
    static final Duration LONG = Duration.ofMinutes(2);

    /** Docker 20.10 speaks 1.41, Podman's older services 1.40. */
    private static final String VERSION_MIN = "1.40";

    /** The newest that this client was written for. */
    private static final String VERSION_MAX = "1.47";

    private static final String PODMAN = "Podman Engine";

    /** Until all of an archive was sent and taken in. */
    private static final Duration UPLOAD = Duration.ofHours(2);

    private static final int BODY_BYTES_MAX = 32 << 20;
    private static final int READ_BYTES = 16 << 10;
    private static final int SWITCHING = 101;
    private static final int OK = 200;
    private static final Map<String, String> JSON = Map.of("Content-Type", "application/json", "Connection", "close");
    private static final Map<String, String> TAR = Map.of("Content-Type", "application/x-tar", "Connection", "close");
    private static final Map<String, String> UPGRADE =
            Map.of("Content-Type", "application/json", "Connection", "Upgrade", "Upgrade", "tcp");

    private final Endpoint endpoint;
    private final ScheduledThreadPoolExecutor clock;
    private final Set<HttpConnection> streams = ConcurrentHashMap.newKeySet();
    private final JsonNode version;
    private final String prefix;
    private volatile boolean isClosed;

    /** Connects. @throws ContainerRuntimeException UNAVAILABLE, or UNSUPPORTED for one that is too old */
    EngineClient(Endpoint endpoint) {
        this.endpoint = endpoint;
        clock = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("docker-deadlines").factory());
        clock.setRemoveOnCancelPolicy(true);
        try {
            version = exchange("GET", "/version", new byte[0], SOON).json("ask for the version");
            String newest = version.path("ApiVersion").asText("");
            String oldest = version.path("MinAPIVersion").asText(VERSION_MIN);
            if (compare(newest, VERSION_MIN) < 0 || compare(oldest, VERSION_MAX) > 0) {
                throw new ContainerRuntimeException(
                        Code.UNSUPPORTED,
                        "API versions of %s: %s to %s (expected: some of %s to %s)"
                                .formatted(endpoint.text(), oldest, newest, VERSION_MIN, VERSION_MAX));
            }
            prefix = "/v" + (compare(newest, VERSION_MAX) < 0 ? newest : VERSION_MAX);
        } catch (ContainerRuntimeException e) {
            clock.shutdownNow();
            throw e;
        }
    }

    /** Compares {@code major.minor}. */
    static int compare(String one, String other) {
        String[] left = one.split("\\.", 2);
        String[] right = other.split("\\.", 2);
        int major = Integer.compare(part(left, 0), part(right, 0));
        return major != 0 ? major : Integer.compare(part(left, 1), part(right, 1));
    }

    private static int part(String[] parts, int index) {
        return parts.length > index && parts[index].matches("[0-9]{1,6}") ? Integer.parseInt(parts[index]) : 0;
    }

    /** What the engine says of itself. */
    JsonNode version() {
        return version;
    }

    /** Whether the engine speaks this version of the API. */
    boolean speaks(String apiVersion) {
        return compare(version.path("ApiVersion").asText(""), apiVersion) >= 0;
    }

    /** Whether this is Podman's service, which does some things otherwise than a Docker Engine. */
    boolean isPodman() {
        return version.path("Components").path(0).path("Name").asText().equals(PODMAN);
    }

    Endpoint endpoint() {
        return endpoint;
    }

    boolean isClosed() {
        return isClosed;
    }

    /** A value as part of a path or query. */
    static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }

    Answer get(String path) {
        return exchange("GET", prefix + path, new byte[0], SOON);
    }

    /** Gets what the engine has to measure. */
    Answer measure(String path) {
        return exchange("GET", prefix + path, new byte[0], LONG);
    }

    Answer post(String path, Object body, Duration timeout) {
        return exchange("POST", prefix + path, Json.bytes(body), timeout);
    }

    Answer delete(String path) {
        return exchange("DELETE", prefix + path, new byte[0], LONG);
    }

    private Answer exchange(String method, String target, byte[] body, Duration timeout) {
        return bounded(target, timeout, connection -> {
            connection.send(method, target, JSON, body);
            int status = connection.readStatus();
            return new Answer(status, readAll(connection));
        });
    }

    /** What is done with a connection while its time runs. */
    private interface Conversation<T> {
        T hold(HttpConnection connection) throws IOException;
    }

    private <T> T bounded(String target, Duration timeout, Conversation<T> conversation) {
        AtomicBoolean isLate = new AtomicBoolean();
        try (HttpConnection connection = HttpConnection.open(endpoint)) {
            var deadline = clock.schedule(
                    () -> {
                        isLate.set(true);
                        closeQuietly(connection);
                    },
                    timeout.toMillis(),
                    TimeUnit.MILLISECONDS);
            try {
                return conversation.hold(connection);
            } finally {
                deadline.cancel(false);
            }
        } catch (IOException | RejectedExecutionException e) {
            throw isLate.get()
                    ? new ContainerRuntimeException(
                            Code.DEADLINE_EXCEEDED,
                            "%s: %s was not answered within %d s"
                                    .formatted(endpoint.text(), target, timeout.toSeconds()),
                            e)
                    : unreachable(e);
        }
    }

    private ContainerRuntimeException unreachable(Exception e) {
        return new ContainerRuntimeException(
                Code.UNAVAILABLE, "Docker Engine at %s: %s".formatted(endpoint.text(), e), e);
    }

    private static byte[] readAll(HttpConnection connection) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer chunk = ByteBuffer.allocate(READ_BYTES);
        while (connection.read(chunk.clear()) >= 0) {
            if (all.size() + chunk.position() > BODY_BYTES_MAX) {
                throw new IOException("a response of more than %d bytes".formatted(BODY_BYTES_MAX));
            }
            all.write(chunk.array(), 0, chunk.position());
        }
        return all.toByteArray();
    }

    /**
     * A response that goes on for as long as the caller reads it, and ends when it is closed, or this is.
     *
     * @throws ContainerRuntimeException as the engine says
     */
    HttpConnection stream(String path, String action) {
        return begin(action, SOON, connection -> connection.send("GET", prefix + path, JSON, new byte[0]));
    }

    /** As {@link #stream}, of what a request with a body brings forth. */
    HttpConnection stream(String path, InputStream body, String action) {
        return begin(action, UPLOAD, connection -> connection.send("POST", prefix + path, TAR, body));
    }

    /** Sends an archive, and returns when it was taken in. @throws ContainerRuntimeException as the engine says */
    void put(String path, InputStream archive, String action) {
        end(begin(action, UPLOAD, connection -> connection.send("PUT", prefix + path, TAR, archive)));
    }

    /** One header of a response, which has no body. @throws ContainerRuntimeException as its status says */
    String head(String path, String header, String action) {
        return bounded(prefix + path, SOON, connection -> {
            connection.send("HEAD", prefix + path, JSON, new byte[0]);
            int status = connection.readStatus();
            if (status != OK) {
                throw new Answer(status, new byte[0]).failure(action);
            }
            return connection.header(header);
        });
    }

    /**
     * A connection that has become a stream of bytes in both directions. Where the engine expects no body there must be
     * none, not even {@code {}}: it would take it for the first bytes of the stream.
     */
    HttpConnection upgrade(String path, String action) {
        return upgrade(path, new byte[0], action);
    }

    /** As {@link #upgrade(String, String)}, with a body that the engine expects: JSON. */
    HttpConnection upgrade(String path, byte[] body, String action) {
        return begin(action, LONG, connection -> connection.send("POST", prefix + path, UPGRADE, body));
    }

    /** Sends a request. */
    private interface Request {
        void send(HttpConnection connection) throws IOException;
    }

    private HttpConnection begin(String action, Duration timeout, Request request) {
        HttpConnection connection;
        try {
            connection = HttpConnection.open(endpoint);
        } catch (IOException e) {
            throw unreachable(e);
        }
        streams.add(connection);
        boolean isBegun = false;
        Future<?> deadline = CompletableFuture.completedFuture(null);
        try {
            deadline = clock.schedule(() -> closeQuietly(connection), timeout.toMillis(), TimeUnit.MILLISECONDS);
            request.send(connection);
            int status = connection.readStatus();
            if (status != SWITCHING && status != OK) {
                throw new Answer(status, readAll(connection)).failure(action);
            }
            // A deadline that has begun to run has closed it.
            isBegun = deadline.cancel(false);
            if (!isBegun) {
                throw new IOException("no answer within %d s".formatted(timeout.toSeconds()));
            }
            return connection;
        } catch (IOException | RejectedExecutionException e) {
            throw unreachable(e);
        } finally {
            deadline.cancel(false);
            if (!isBegun) {
                end(connection);
            }
        }
    }

    /** Ends a stream. */
    void end(HttpConnection stream) {
        streams.remove(stream);
        closeQuietly(stream);
    }

    private static void closeQuietly(HttpConnection connection) {
        try {
            connection.close();
        } catch (IOException e) {
            // It is gone.
        }
    }

    @Override
    public void close() {
        isClosed = true;
        streams.forEach(this::end);
        clock.shutdownNow();
    }
}
