package io.tailrace.engine;

import io.tailrace.log.StdStream;
import io.tailrace.log.Timeline;
import io.tailrace.runtime.spi.OutputLostException;
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
    private final boolean isKept;
    private final Thread thread;

    /** Whether bytes are missing that no record tells of; of the thread that reads. */
    private boolean isLossDue;

    private volatile boolean isEnded;
    private volatile String failure = "";

    private ChannelPump(
            StdStream stream,
            ReadableByteChannel channel,
            OutputRecorder recorder,
            Patience patience,
            String threadName,
            Runnable onEnd,
            boolean isKept) {
        this.isKept = isKept;
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

    /** Starts it. @param isKept whether the runtime has the bytes, so that only it says when they end */
    static ChannelPump start(
            StdStream stream,
            ReadableByteChannel channel,
            OutputRecorder recorder,
            Patience patience,
            String threadName,
            Runnable onEnd,
            boolean isKept) {
        ChannelPump pump = new ChannelPump(stream, channel, recorder, patience, threadName, onEnd, isKept);
        pump.thread.start();
        return pump;
    }

    private void run() {
        try {
            ByteBuffer buffer = patience.insist(() -> ByteBuffer.allocateDirect(Timeline.OUTPUT_BYTES_MAX));
            while (patience.insist(() -> read(buffer)) >= 0) {
                buffer.flip();
                if (isLossDue) {
                    isLossDue = false;
                    patience.checkRunning();
                    recorder.lost(stream);
                } else if (buffer.hasRemaining()) {
                    recorder.append(stream, buffer);
                }
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
        } catch (OutputLostException e) {
            failure = String.valueOf(e.getMessage());
            isLossDue = true;
            buffer.clear();
            return 0;
        } catch (IOException e) {
            failure = "%s could not be read to its end: %s".formatted(stream.name(), e);
            return -1;
        }
    }

    /** Whether the runtime has the bytes, and knows by itself when they end. */
    boolean isKept() {
        return isKept;
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
