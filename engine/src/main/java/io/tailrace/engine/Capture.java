package io.tailrace.engine;

import io.tailrace.log.OutputPipe;
import io.tailrace.log.StdStream;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * Moves the output of one process into its timeline. Named pipes are read by the owner's thread, which calls
 * {@link #move}, one chunk of each stream in turn so that neither starves; a channel has a thread of its own
 * ({@link ChannelPump}). Only the disk can make it wait.
 *
 * <p>Used by one platform thread; {@link #wakeup} by any.
 */
final class Capture implements AutoCloseable {
    /**
     * How long the output of a busy process may gather in its pipe. To be woken for each of its writes costs capture, and
     * the writer, a third of their time; the pipe holds ten times what comes meanwhile.
     */
    private static final long GATHER_NANOS = 300_000;

    /** A process is busy if it wrote again so soon. One that writes now and then is not kept waiting for more to come. */
    private static final long BUSY_NANOS = 1_000_000;

    private final OutputRecorder recorder;
    private final Patience patience;
    private final OutputPipe.Poller poller;
    private final List<PipeSource> pipes = new ArrayList<>();
    private final List<ChannelPump> channels = new ArrayList<>();
    private long wokenNanos = System.nanoTime() - BUSY_NANOS;
    private boolean isBusy;

    private Capture(OutputRecorder recorder, Patience patience, OutputPipe.Poller poller) {
        this.recorder = recorder;
        this.patience = patience;
        this.poller = poller;
    }

    /** Opens the streams. @param threadName of the thread that will move */
    static Capture open(OutputRecorder recorder, RuntimeProcess process, Patience patience, String threadName)
            throws IOException {
        Capture capture = new Capture(recorder, patience, OutputPipe.Poller.open());
        try {
            capture.add(StdStream.STDOUT, process.stdout(), threadName);
            if (process.stderr().isPresent()) {
                capture.add(StdStream.STDERR, process.stderr().get(), threadName);
            }
            return capture;
        } catch (IOException | RuntimeException | Error e) {
            capture.close();
            throw e;
        }
    }

    private void add(StdStream stream, ProcessOutput output, String threadName) throws IOException {
        switch (output) {
            case ProcessOutput.Pipe(var fifo) -> pipes.add(new PipeSource(stream, OutputPipe.open(fifo)));
            case ProcessOutput.Channel(var channel) ->
                channels.add(ChannelPump.start(stream, channel, recorder, patience, threadName, poller::wakeup, false));
            case ProcessOutput.Kept(var source) ->
                channels.add(ChannelPump.start(
                        stream,
                        source.open(recorder.position(stream)),
                        recorder,
                        patience,
                        threadName,
                        poller::wakeup,
                        true));
        }
    }

    /**
     * Moves what there is, one chunk of each stream at most.
     *
     * @return whether there was anything
     * @throws StoppedException if the engine closes
     */
    boolean move() throws IOException, StoppedException {
        patience.checkRunning();
        boolean hasMoved = false;
        for (PipeSource source : pipes) {
            int moved = recorder.appendFrom(source.stream, source.pipe);
            source.isEnded = moved < 0;
            hasMoved |= moved > 0;
        }
        return hasMoved;
    }

    /**
     * Waits for more, a {@link #wakeup} or the time; a moment at least if the process is busy.
     *
     * @throws StoppedException if the engine closes
     */
    void await(Duration wait) throws IOException, StoppedException {
        if (isBusy) {
            LockSupport.parkNanos(this, Math.min(GATHER_NANOS, wait.toNanos()));
        }
        // One without writers is left out, or it would be reported as ready for ever; the next round looks again,
        // for a writer may come yet.
        poller.await(
                pipes.stream()
                        .filter(source -> !source.isEnded)
                        .map(source -> source.pipe)
                        .toList(),
                wait);
        long now = System.nanoTime();
        isBusy = now - wokenNanos < BUSY_NANOS;
        wokenNanos = now;
        patience.checkRunning();
    }

    /** Whether all streams were at their end when last looked at. Lasting once the process is gone. */
    boolean isAtEnd() {
        return openStreams().isEmpty();
    }

    /**
     * Whether all that is missing is kept by the runtime: no other process holds it open, and it may take its time, as an
     * engine does that reads a long log once more.
     */
    boolean awaitsKept() {
        return pipes.stream().allMatch(source -> source.isEnded)
                && channels.stream().allMatch(channel -> channel.isEnded() || channel.isKept());
    }

    /** The streams that are not at their end, for people. */
    String openStreams() {
        List<StdStream> open = new ArrayList<>();
        pipes.stream().filter(source -> !source.isEnded).forEach(source -> open.add(source.stream));
        channels.stream().filter(channel -> !channel.isEnded()).forEach(channel -> open.add(channel.stream()));
        return open.stream()
                .map(stream -> stream.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(" and "));
    }

    /** What went wrong in reading, for people; empty if nothing did. */
    String failure() {
        return channels.stream()
                .map(ChannelPump::failure)
                .filter(failure -> !failure.isEmpty())
                .collect(Collectors.joining("; "));
    }

    /** Ends the current or the next {@link #await}. */
    void wakeup() {
        poller.wakeup();
    }

    @Override
    public void close() {
        pipes.forEach(source -> source.pipe.close());
        channels.forEach(ChannelPump::close);
        poller.close();
    }

    private static final class PipeSource {
        private final StdStream stream;
        private final OutputPipe pipe;
        private boolean isEnded;

        PipeSource(StdStream stream, OutputPipe pipe) {
            this.stream = stream;
            this.pipe = pipe;
        }
    }
}
