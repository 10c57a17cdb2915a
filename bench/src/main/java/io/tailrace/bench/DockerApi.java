package io.tailrace.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The few calls of the Docker Engine API that are measured, one connection each: the least that any client of it must
 * do. Stateless and thread-safe.
 */
final class DockerApi {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String VERSION = "/v1.41";
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int HEAD_BYTES_MAX = 16 << 10;
    /** Stream type, three zero bytes, and the length of what follows: Docker's framing of stdout and stderr. */
    private static final int FRAME_HEADER_BYTES = 8;

    private final Path socket;

    DockerApi(Path socket) {
        this.socket = socket;
    }

    /** Whether the engine answers. */
    boolean isResponding() {
        return answers(socket, "/_ping");
    }

    /** Whether a server at a unix socket answers a GET with 200. */
    static boolean answers(Path socket, String path) {
        try (Response response = call(socket, "GET", path, "")) {
            return response.status() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Where the engine listens. */
    UnixDomainSocketAddress address() {
        return UnixDomainSocketAddress.of(socket);
    }

    /** Makes a container without a network. @return its id */
    String create(String image, List<String> command) throws IOException {
        return create(image, command, List.of());
    }

    /** Makes a container without a network. @param binds {@code HOST:CONTAINER} @return its id */
    String create(String image, List<String> command, List<String> binds) throws IOException {
        String request = JSON.writeValueAsString(Map.of(
                "Image",
                image,
                "Cmd",
                command,
                "AttachStdout",
                true,
                "AttachStderr",
                true,
                "HostConfig",
                Map.of("NetworkMode", "none", "Binds", binds)));
        try (Response response = call("POST", "/containers/create", request).expect(201)) {
            return JSON.readTree(response.body()).get("Id").asText();
        }
    }

    /** Starts a container. */
    void start(String id) throws IOException {
        call("POST", "/containers/" + id + "/start", "").expect(204).close();
    }

    /** The output of a container from its start, live, as the frames that Docker sends. */
    Response attach(String id) throws IOException {
        return call("POST", attachPath(id), "").expect(200, 101);
    }

    private static String attachPath(String id) {
        return "/containers/" + id + "/attach?stream=1&stdout=1&stderr=1";
    }

    /** The request that {@link #attach} sends, for whoever connects by themselves to {@link #address}. */
    static String attachRequest(String id) {
        return request("POST", VERSION + attachPath(id), new byte[0]);
    }

    /** The recorded output of a container, as the frames that Docker sends. */
    Response logs(String id) throws IOException {
        return call("GET", "/containers/" + id + "/logs?stdout=1&stderr=1", "").expect(200);
    }

    /** Removes a container. */
    void remove(String id) throws IOException {
        call("DELETE", "/containers/" + id + "?force=1", "").expect(204).close();
    }

    private Response call(String method, String path, String json) throws IOException {
        return call(socket, method, VERSION + path, json);
    }

    private static String request(String method, String path, byte[] body) {
        boolean isAttach = path.contains("/attach");
        String head = "%s %s HTTP/1.1\r\nHost: docker\r\nConnection: %s\r\n%s%sContent-Length: %d\r\n\r\n"
                .formatted(
                        method,
                        path,
                        isAttach ? "Upgrade" : "close",
                        isAttach ? "Upgrade: tcp\r\n" : "",
                        body.length > 0 ? "Content-Type: application/json\r\n" : "",
                        body.length);
        return head + new String(body, StandardCharsets.UTF_8);
    }

    private static Response call(Path socket, String method, String path, String json) throws IOException {
        String text = request(method, path, json.getBytes(StandardCharsets.UTF_8));
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            ByteBuffer request = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (request.hasRemaining()) {
                channel.write(request);
            }
            return Response.read(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * An answer whose body is still to be read; closing it closes the connection.
     *
     * @param status the HTTP status
     * @param body without HTTP's own framing
     */
    record Response(SocketChannel channel, int status, InputStream body) implements AutoCloseable {
        static Response read(SocketChannel channel) throws IOException {
            InputStream input = new BufferedInputStream(Channels.newInputStream(channel), BUFFER_BYTES);
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = input.read();
                if (next < 0 || head.length() == HEAD_BYTES_MAX) {
                    throw new EOFException("HTTP head: ended after " + head.length() + " bytes");
                }
                head.append((char) next);
            }
            int status = Integer.parseInt(head.substring(9, 12));
            boolean isChunked = head.toString().toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked");
            return new Response(channel, status, isChunked ? new ChunkedBody(input) : input);
        }

        Response expect(Integer... statuses) throws IOException {
            if (!List.of(statuses).contains(status)) {
                try (this) {
                    throw new IOException("Docker answered %d: %s"
                            .formatted(status, new String(body.readAllBytes(), StandardCharsets.UTF_8)));
                }
            }
            return this;
        }

        /** Reads frames to the end. @return bytes of output in them */
        long drainFrames() throws IOException {
            DataInputStream frames = new DataInputStream(body);
            byte[] header = new byte[FRAME_HEADER_BYTES];
            byte[] buffer = new byte[BUFFER_BYTES];
            long total = 0;
            while (frames.readNBytes(header, 0, FRAME_HEADER_BYTES) == FRAME_HEADER_BYTES) {
                int length = ByteBuffer.wrap(header).getInt(4);
                for (int rest = length; rest > 0; ) {
                    int chunk = Math.min(rest, BUFFER_BYTES);
                    frames.readFully(buffer, 0, chunk);
                    rest -= chunk;
                }
                total += length;
            }
            return total;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** A body in HTTP/1.1's chunked transfer coding (RFC 9112, section 7.1), decoded. */
    private static final class ChunkedBody extends FilterInputStream {
        private long chunkRest;
        private boolean isFirst = true;
        private boolean hasEnded;

        ChunkedBody(InputStream input) {
            super(input);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (chunkRest == 0 && !hasEnded) {
                beginChunk();
            }
            if (hasEnded) {
                return -1;
            }
            int read = in.read(bytes, offset, (int) Math.min(length, chunkRest));
            if (read < 0) {
                throw new EOFException("chunk: " + chunkRest + " bytes are missing");
            }
            chunkRest -= read;
            return read;
        }

        private void beginChunk() throws IOException {
            if (!isFirst) {
                readLine();
            }
            isFirst = false;
            chunkRest = Long.parseLong(readLine().split(";", 2)[0].strip(), 16);
            hasEnded = chunkRest == 0;
        }

        private String readLine() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0) {
                    throw new EOFException("chunk head: ended");
                }
                line.append((char) next);
            }
            return line.toString().stripTrailing();
        }
    }
}
