package io.tailrace.log;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The read end of a FIFO, opened without blocking. Its bytes leave it for a timeline ({@link Timeline#appendFrom}), or, of a
 * process that has none, by {@link #take}. Thread-safe: closing it while another thread waits for it or moves its bytes takes
 * effect when that thread is done.
 */
public final class OutputPipe implements AutoCloseable {
    /** The size asked for, so that a process can run on for a while when nobody reads. The kernel may refuse. */
    static final int PIPE_BYTES = 1 << 20;

    private static final long POLLFD_BYTES = 8;

    private final Descriptor descriptor;
    private final AtomicBoolean isClosed = new AtomicBoolean();
    /** Whether it ever had a writer while we had it open; from then on poll tells when the last one leaves. */
    private volatile boolean hadWriter;

    private OutputPipe(int number) {
        this.descriptor = new Descriptor(number);
    }

    /** Opens a FIFO for reading, whether or not a writer has it open. */
    public static OutputPipe open(Path fifo) throws IOException {
        var number = LinuxFiles.open(fifo, LinuxFiles.O_RDONLY | LinuxFiles.O_NONBLOCK);
        if (!LinuxPipes.setPipeSize(number, PIPE_BYTES) && !LinuxPipes.isPipe(number)) {
            LinuxFiles.close(number);
            throw new NoSuchFileException(fifo.toString(), null, "it is something else (expected: a FIFO)");
        }
        return new OutputPipe(number);
    }

    /** Closes it; its bytes stay if another process has it open. */
    @Override
    public void close() {
        if (isClosed.compareAndSet(false, true)) {
            descriptor.release();
        }
    }

    /**
     * Takes bytes that no timeline is to have, as those of a probe.
     *
     * @return bytes taken, at most {@link Timeline#OUTPUT_BYTES_MAX}; otherwise as {@link Timeline#appendFrom}
     */
    public int take(ByteBuffer target) throws IOException {
        var source = lease();
        try (var buffer = NativeBuffer.borrow()) {
            var readiness = readiness(source.number(), buffer);
            if (readiness <= 0) {
                return readiness;
            }
            var count = LinuxPipes.read(
                    buffer.state,
                    source.number(),
                    buffer.memory,
                    Math.min(target.remaining(), Timeline.OUTPUT_BYTES_MAX));
            if (count < 0 && count != -Linux.EAGAIN) {
                throw Linux.failure("read", count);
            }
            target.put(buffer.bytes.slice(0, (int) Math.max(0, count)));
            return (int) Math.max(0, count);
        } finally {
            source.release();
        }
    }

    /** Keeps it open until the lease is released. */
    Descriptor lease() throws IOException {
        if (isClosed.get() || !descriptor.acquire()) {
            throw new IOException("the pipe is closed");
        }
        return descriptor;
    }

    /**
     * Looks what can be read, and takes nothing.
     *
     * @param number from a lease
     * @return 1 if there are bytes, 0 if there are none but a writer, -1 if there are neither
     */
    int readiness(int number, NativeBuffer buffer) throws IOException {
        setPoll(buffer.memory, 0, number);
        var count = LinuxPipes.poll(buffer.state, buffer.memory, 1, 0);
        if (count < 0 && count != -Linux.EINTR) {
            throw Linux.failure("poll", count);
        }
        var events = count <= 0 ? 0 : events(buffer.memory, 0);
        if ((events & LinuxPipes.POLLIN) != 0) {
            return 1;
        }
        if ((events & (LinuxPipes.POLLHUP | LinuxPipes.POLLERR)) != 0) {
            return -1;
        }
        return hadWriter ? 0 : readinessWithoutPoll(number);
    }

    /** A FIFO that had no writer when it was opened looks to poll like one whose writer is silent; tee sees it. */
    private int readinessWithoutPoll(int number) throws IOException {
        var scratch = LinuxPipes.pipe();
        try {
            var result = LinuxPipes.teeOne(number, scratch[1]);
            if (result < 0 && result != -Linux.EAGAIN) {
                throw Linux.failure("tee", result);
            }
            hadWriter = result != 0;
            return result > 0 ? 1 : result == 0 ? -1 : 0;
        } finally {
            LinuxFiles.close(scratch[0]);
            LinuxFiles.close(scratch[1]);
        }
    }

    private static void setPoll(MemorySegment polls, int index, int number) {
        polls.set(ValueLayout.JAVA_INT, index * POLLFD_BYTES, number);
        polls.set(ValueLayout.JAVA_SHORT, index * POLLFD_BYTES + 4, LinuxPipes.POLLIN);
        polls.set(ValueLayout.JAVA_SHORT, index * POLLFD_BYTES + 6, (short) 0);
    }

    private static int events(MemorySegment polls, int index) {
        return polls.get(ValueLayout.JAVA_SHORT, index * POLLFD_BYTES + 6);
    }

    /**
     * Waits on several pipes at once, from a platform thread; wakeup() may be called by any thread, also after close().
     *
     * <p>A pipe that had no writer when it was opened and got none since is not reported: it waits for its first one.
     * {@link Timeline#appendFrom} does tell.
     */
    public static final class Poller implements AutoCloseable {
        private final Descriptor wakeups;
        private final AtomicBoolean isClosed = new AtomicBoolean();

        private Poller(int number) {
            this.wakeups = new Descriptor(number);
        }

        /** A poller with nothing to wait for yet. */
        public static Poller open() throws IOException {
            return new Poller(LinuxPipes.eventCounter());
        }

        /**
         * Waits until one has bytes or its last writer left, a wakeup, or the time is up. @return the ready ones
         *
         * @throws IOException also if one of them, or this, is closed
         */
        public List<OutputPipe> await(List<OutputPipe> pipes, Duration timeout) throws IOException {
            var leases = new ArrayList<Descriptor>(pipes.size() + 1);
            try (var arena = Arena.ofConfined()) {
                if (!wakeups.acquire()) {
                    throw new IOException("the poller is closed");
                }
                leases.add(wakeups);
                for (var pipe : pipes) {
                    leases.add(pipe.lease());
                }
                var polls = arena.allocate(POLLFD_BYTES * leases.size(), Integer.BYTES);
                for (int i = 0; i < leases.size(); i++) {
                    setPoll(polls, i, leases.get(i).number());
                }
                return ready(pipes, polls, timeout, arena.allocate(Linux.STATE));
            } finally {
                leases.forEach(Descriptor::release);
            }
        }

        private List<OutputPipe> ready(
                List<OutputPipe> pipes, MemorySegment polls, Duration timeout, MemorySegment state) throws IOException {
            var millis = (int) Math.clamp(timeout.plusNanos(999_999).toMillis(), 0L, Integer.MAX_VALUE);
            var count = LinuxPipes.poll(state, polls, pipes.size() + 1L, millis);
            if (count < 0 && count != -Linux.EINTR) {
                throw Linux.failure("poll", count);
            }
            var ready = new ArrayList<OutputPipe>();
            if (count > 0) {
                if (events(polls, 0) != 0) {
                    LinuxPipes.clearEvent(wakeups.number());
                }
                for (int i = 0; i < pipes.size(); i++) {
                    if (events(polls, i + 1) != 0) {
                        ready.add(pipes.get(i));
                    }
                }
            }
            return ready;
        }

        /** Ends the current or the next {@link #await}. */
        public void wakeup() {
            if (wakeups.acquire()) {
                LinuxPipes.signalEvent(wakeups.number());
                wakeups.release();
            }
        }

        @Override
        public void close() {
            if (isClosed.compareAndSet(false, true)) {
                wakeup();
                wakeups.release();
            }
        }
    }
}
