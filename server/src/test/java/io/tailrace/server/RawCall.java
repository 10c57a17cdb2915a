package io.tailrace.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.Locale;

/**
 * One HTTP/1.1 call, byte for byte as given, and the head of its answer: what well-behaved clients would never send.
 *
 * @param status 0 if the server closed the connection without an answer, -1 if it still waits for something
 * @param head the answer's head, in lower case
 */
record RawCall(int status, String head) {
    private static final int HEAD_BYTES_MAX = 64 << 10;

    /** Sends bytes and reads until the head of an answer is complete. */
    static RawCall send(URI server, byte[] request, int waitMillis) throws IOException {
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout(waitMillis);
            socket.getOutputStream().write(request);
            socket.getOutputStream().flush();
            return read(new BufferedInputStream(socket.getInputStream()));
        } catch (SocketTimeoutException e) {
            return new RawCall(-1, "");
        } catch (IOException e) {
            // Reset: the server had enough of it.
            return new RawCall(0, "");
        }
    }

    private static RawCall read(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int next = in.read(); next >= 0 && head.length() < HEAD_BYTES_MAX; next = in.read()) {
            head.append((char) next);
            if (next == '\n' && head.toString().endsWith("\r\n\r\n")) {
                String text = head.toString().toLowerCase(Locale.ROOT);
                return new RawCall(Integer.parseInt(text.substring(9, 12)), text);
            }
        }
        return new RawCall(0, head.toString());
    }

    /** The gRPC status that a head of its own says; empty if there is none. */
    String grpcStatus() {
        int at = head.indexOf("\r\ngrpc-status:");
        return at < 0
                ? ""
                : head.substring(at + 14, head.indexOf("\r\n", at + 2)).strip();
    }

    /** A request with a body. */
    static byte[] request(String line, String headers, byte[] body) {
        byte[] head = "%s HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: %d\r\n%s\r\n"
                .formatted(line, body.length, headers)
                .getBytes(ISO_8859_1);
        byte[] whole = new byte[head.length + body.length];
        System.arraycopy(head, 0, whole, 0, head.length);
        System.arraycopy(body, 0, whole, head.length, body.length);
        return whole;
    }
}
