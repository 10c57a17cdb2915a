package io.tailrace.engine;

import io.tailrace.log.StdStream;
import io.tailrace.runtime.conformance.ScriptedProcess;
import io.tailrace.runtime.spi.ProcessExit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * One run of a process that does what a simulation tells it, and knows what it wrote: the bytes of each stream are a
 * function of the run and the offset, so that any piece of output can be checked by itself. Thread-safe.
 */
final class SimulatedProcess {
    private static final int STDOUT = 0;
    private static final byte[] TABLE = table();

    private final String timelineId;
    private final int number;
    private final @Nullable ScriptedProcess process;
    private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();

    /** Bytes of writes that returned, and of those that were begun; by stream. */
    private final AtomicLongArray written = new AtomicLongArray(2);

    private final AtomicLongArray begun = new AtomicLongArray(2);

    /** Whether the simulation let it end by itself. */
    private volatile boolean isToldToExit;

    private volatile boolean isOutputHeld;

    /** Whether the machine went down with what was in its pipes. */
    private volatile boolean isPipeLost;

    /** What it does next. */
    sealed interface Step {
        /** Writes. */
        record Write(StdStream stream, int bytes) implements Step {}

        /** Ends. */
        record Exit(int code) implements Step {}
    }

    /** @param number among all processes of the simulation, in the order of their starts */
    SimulatedProcess(String timelineId, int number, @Nullable ScriptedProcess process) {
        this.timelineId = timelineId;
        this.number = number;
        this.process = process;
    }

    private static byte[] table() {
        byte[] bytes = new byte[1 << 20];
        new Random(7).nextBytes(bytes);
        return bytes;
    }

    String timelineId() {
        return timelineId;
    }

    /** Orders the runs of one timeline. */
    long id() {
        return scripted().id();
    }

    void tell(Step step) {
        if (step instanceof Step.Exit) {
            isToldToExit = true;
        }
        steps.add(step);
    }

    boolean isToldToExit() {
        return isToldToExit;
    }

    void ignoreTermination() {
        scripted().ignore(15);
    }

    void holdOutput() {
        isOutputHeld = true;
        scripted().holdOutput();
    }

    void releaseOutput() {
        scripted().releaseOutput();
    }

    /** Whether somebody else kept its output open. */
    boolean isOutputHeld() {
        return isOutputHeld;
    }

    void losePipe() {
        isPipeLost = true;
    }

    boolean isPipeLost() {
        return isPipeLost;
    }

    private ScriptedProcess scripted() {
        if (process == null) {
            throw new IllegalStateException("no process");
        }
        return process;
    }

    /** How it ended; empty before. */
    Optional<ProcessExit> ended() {
        return scripted().ended();
    }

    /** Its script. */
    int run() throws IOException, InterruptedException {
        while (true) {
            switch (steps.take()) {
                case Step.Write(var stream, int bytes) -> write(stream, bytes);
                case Step.Exit(int code) -> {
                    return code;
                }
            }
        }
    }

    private void write(StdStream stream, int bytes) throws IOException, InterruptedException {
        int index = stream.number() - 1;
        byte[] data = new byte[bytes];
        long from = begun.getAndAdd(index, bytes);
        for (int i = 0; i < bytes; i++) {
            data[i] = byteAt(index, from + i);
        }
        if (index == STDOUT) {
            scripted().out(data);
        } else {
            scripted().err(data);
        }
        written.addAndGet(index, bytes);
    }

    private byte byteAt(int index, long offset) {
        return TABLE[(int) ((number * 7919L + index * 104_729L + offset) & (TABLE.length - 1))];
    }

    /** Bytes of a stream that must be recorded when its run is over. */
    long written(StdStream stream) {
        return written.get(stream.number() - 1);
    }

    /** Bytes of a stream that may be recorded. */
    long begun(StdStream stream) {
        return begun.get(stream.number() - 1);
    }

    /** Whether it wrote this, at an offset of its own. */
    boolean hasWritten(StdStream stream, long offset, ByteBuffer data) {
        if (offset < 0 || offset + data.remaining() > begun(stream)) {
            return false;
        }
        for (int i = 0; i < data.remaining(); i++) {
            if (data.get(data.position() + i) != byteAt(stream.number() - 1, offset + i)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return "process %d of %s (stdout %d of %d, stderr %d of %d, %s)"
                .formatted(
                        number,
                        timelineId.replaceFirst("^(.{6})[^/]*", "$1"),
                        written(StdStream.STDOUT),
                        begun(StdStream.STDOUT),
                        written(StdStream.STDERR),
                        begun(StdStream.STDERR),
                        process == null ? "none" : ended());
    }
}
