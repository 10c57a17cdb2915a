package io.tailrace.engine;

import io.tailrace.log.StdStream;
import io.tailrace.log.Timeline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;

/** The thread that moves one stream from a channel into the timeline; it belongs to a {@link Capture}. */
final class ChannelPump {
    private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(10);
    private static final int STACK_BYTES = 256 << 10;

    private final StdStream stream;
    private final ReadableByteChannel channel;
    private final OutputRecorder recorder;
    private final Patience patience;
    private final Runnable onEnd;
    private final Thread thread;
    private volatile boolean isEnded;
    private volatile String failure = "";

    private ChannelPump(
            StdStream stream,
            ReadableByteChannel channel,
            OutputRecorder recorder,
            Patience patience,
            String threadName,
            Runnable onEnd) {
        this.stream = stream;
        this.channel = channel;
        this.recorder = recorder;
        this.patience = patience;
        this.onEnd = onEnd;
        thread = Thread.ofPlatform()
                .daemon()
                .name(threadName + "-" + stream.number())
                .stackSize(STACK_BYTES)
                .unstarted(this::run);
    }

    static ChannelPump start(
            StdStream stream,
            ReadableByteChannel channel,
            OutputRecorder recorder,
            Patience patience,
            String threadName,
            Runnable onEnd) {
        ChannelPump pump = new ChannelPump(stream, channel, recorder, patience, threadName, onEnd);
        pump.thread.start();
        return pump;
    }

    private void run() {
        try {
            ByteBuffer buffer = patience.insist(() -> ByteBuffer.allocateDirect(Timeline.OUTPUT_BYTES_MAX));
            while (patience.insist(() -> read(buffer)) >= 0) {
                buffer.flip();
                recorder.append(stream, buffer);
            }
            if (!failure.isEmpty()) {
                patience.checkRunning();
            }
            isEnded = true;
            onEnd.run();
        } catch (StoppedException e) {
            // The next server goes on.
        }
    }

    private int read(ByteBuffer buffer) {
        try {
            return channel.read(buffer.clear());
        } catch (IOException e) {
            failure = "%s could not be read to its end: %s".formatted(stream.name(), e);
            return -1;
        }
    }

    StdStream stream() {
        return stream;
    }

    boolean isEnded() {
        return isEnded;
    }

    String failure() {
        return failure;
    }

    /** Ends a blocked read, and joins. */
    void close() {
        try {
            channel.close();
            thread.join(JOIN_TIMEOUT);
        } catch (IOException e) {
            failure = e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
