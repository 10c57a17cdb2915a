package io.tailrace.bench.follow;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;

/** One follower at the end of a process's pipe. Its thread ends with the stream, at the latest with {@link #close}. */
public final class StreamAudience extends Audience {
    private static final int BUFFER_BYTES = 64 << 10;

    private final Process process;
    private final Thread thread;

    private StreamAudience(Process process, int stampedLines) {
        super(List.of(new Follower(stampedLines)));
        this.process = process;
        this.thread = Thread.ofPlatform().name("pipe-follower").unstarted(this::run);
    }

    /** Follows stdout of a process, which is ended with this. */
    public static StreamAudience of(Process process, int stampedLines) {
        StreamAudience audience = new StreamAudience(process, stampedLines);
        audience.follower(0).ready();
        audience.thread.start();
        return audience;
    }

    private void run() {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream stream = process.getInputStream()) {
            for (int length = stream.read(buffer); length >= 0; length = stream.read(buffer)) {
                follower(0).accept(ByteBuffer.wrap(buffer, 0, length));
            }
            follower(0).end();
        } catch (IOException | RuntimeException e) {
            follower(0).fail(e.toString());
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
