package io.tailrace.runtime.docker;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * Answers as an engine does, with what a test has it say: for what a real one does only when it is damaged. Each request has a
 * connection of its own, and a virtual thread that ends with it. Thread-safe.
 */
final class ScriptedEngine implements AutoCloseable {
    private static final String EVENTS = "/events";

    private final ServerSocketChannel listener;
    private final Map<String, Function<String, Reply>> answers = new ConcurrentHashMap<>();
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
    private final Set<SocketChannel> eventStreams = ConcurrentHashMap.newKeySet();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    /**
     * What it answers.
     *
     * @param isHeld whether the connection stays open behind it
     */
    record Reply(int status, ByteBuffer body, boolean isHeld) {
        Reply(int status, byte[] body, boolean isHeld) {
            this(status, ByteBuffer.wrap(body), isHeld);
        }

        static Reply json(String body) {
            return new Reply(200, body.getBytes(StandardCharsets.UTF_8), false);
        }
    }

    /** One that listens on a socket, and has nothing in it. */
    ScriptedEngine(Path socket) throws IOException {
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        say("/version", "{\"Version\": \"scripted\", \"ApiVersion\": \"1.41\", \"MinAPIVersion\": \"1.12\"}");
        answer(EVENTS, query -> new Reply(200, new byte[0], true));
        Thread.ofVirtual().name("scripted-engine").start(this::listen);
    }

    /** Has it answer requests for a path, without the version, with JSON. */
    void say(String path, String json) {
        answer(path, query -> Reply.json(json));
    }

    /** Has it answer requests for a path as the query is. */
    void answer(String path, Function<String, Reply> answer) {
        answers.put(path, answer);
    }

    /** Has nothing at a path any more. */
    void forget(String path) {
        answers.remove(path);
    }

    /** Tells an event. */
    void tell(String event) throws IOException {
        for (SocketChannel stream : eventStreams) {
            write(stream, ByteBuffer.wrap(event.getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** The queries of all requests for a path, in the order in which they came. */
    List<String> queries(String path) {
        return requests.stream()
                .filter(request -> request.startsWith(path + "?"))
                .map(request -> request.substring(path.length() + 1))
                .toList();
    }

    private void listen() {
        try {
            while (true) {
                SocketChannel connection = listener.accept();
                connections.add(connection);
                Thread.ofVirtual().name("scripted-answer").start(() -> serve(connection));
            }
        } catch (IOException e) {
            // It is closed.
        }
    }

    private void serve(SocketChannel connection) {
        try (connection) {
            InputStream in = new BufferedInputStream(Channels.newInputStream(connection));
            String[] target = readTarget(in).split("\\?", 2);
            String path = target[0].replaceFirst("^/v[0-9.]+", "");
            String query = target.length > 1 ? target[1] : "";
            requests.add(path + "?" + query);
            Reply answer = answers.getOrDefault(
                            path,
                            absent ->
                                    new Reply(404, "{\"message\": \"absent\"}".getBytes(StandardCharsets.UTF_8), false))
                    .apply(query);
            String head = "HTTP/1.1 %d OK\r\nConnection: close\r\n\r\n".formatted(answer.status());
            write(connection, ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
            write(connection, answer.body().duplicate());
            if (path.equals(EVENTS)) {
                eventStreams.add(connection);
            }
            while (answer.isHeld() && in.read() >= 0) {
                // Until the client goes.
            }
        } catch (IOException e) {
            // The client has gone, or this is closed.
        } finally {
            connections.remove(connection);
            eventStreams.remove(connection);
        }
    }

    /** Reads a whole request. */
    private static String readTarget(InputStream in) throws IOException {
        String target = readLine(in).split(" ", 3)[1];
        int bodyBytes = 0;
        for (String line = readLine(in); !line.isEmpty(); line = readLine(in)) {
            if (line.startsWith("Content-Length: ")) {
                bodyBytes = Integer.parseInt(line.substring("Content-Length: ".length()));
            }
        }
        in.skipNBytes(bodyBytes);
        return target;
    }

    private static String readLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("no whole request");
            }
            line.append((char) next);
        }
        return line.toString().strip();
    }

    private static void write(SocketChannel connection, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            connection.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (SocketChannel connection : connections) {
            connection.close();
        }
    }
}
