package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.OutputLostException;
import io.tailrace.runtime.spi.ProcessOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * One output stream of an init process. A run that is prepared here is read from a connection that was attached before the
 * start. After a restart of this server, or when that connection breaks, the rest is read from the engine's log
 * ({@link EngineLog}), which has every byte of the run: what was taken before is skipped by its count, so that nothing is
 * lost or doubled, whatever the bytes are. Opened by one reader at a time; closed by any thread.
 */
final class RunOutput implements ProcessOutput.Source {
    /** How long an engine that has ended an output may take to say that the process has exited. */
    private static final long EXIT_MILLIS = 3_000;

    private static final long PAUSE_MILLIS_MIN = 5;
    private static final long PAUSE_MILLIS_MAX = 2_000;

    private final EngineClient client;
    private final Place place;
    private final String stream;
    private final boolean isRaw;
    private final EngineLog log;
    private final LogFile.Outlook outlook;

    /** Guarded by this: the attached connection that nobody has read from. */
    private @Nullable OutputFrames attached;

    /** Guarded by this: of {@link LogFile.Outlook#breaks}, as it was then. */
    private int breaksBeforeAttached;

    /** Guarded by this. */
    private @Nullable Reader reader;

    private volatile boolean isClosed;

    /**
     * A stream.
     *
     * @param stream {@code stdout} or {@code stderr}
     * @param isRaw whether there is a terminal
     * @param log where the engine keeps it
     * @param outlook asked at the end of a connection: whether the process has ended, and whether the engine lives
     */
    RunOutput(EngineClient client, Place place, String stream, boolean isRaw, EngineLog log, LogFile.Outlook outlook) {
        this.client = client;
        this.place = place;
        this.stream = stream;
        this.isRaw = isRaw;
        this.log = log;
        this.outlook = outlook;
    }

    /** Attaches, for what is about to be started. When this returns, nothing that comes is missed. */
    void attach() {
        int breaks = outlook.breaks().getAsInt();
        OutputFrames frames = attachNow();
        synchronized (this) {
            attached = frames;
            breaksBeforeAttached = breaks;
        }
    }

    private OutputFrames attachNow() {
        return new OutputFrames(
                client,
                client.upgrade(place.path("/attach?stream=1&" + stream + "=1"), "attach " + place),
                stream,
                isRaw);
    }

    @Override
    public synchronized ReadableByteChannel open(long position) throws IOException {
        if (isClosed) {
            throw new ClosedChannelException();
        }
        OutputFrames first = position == 0 ? attached : null;
        if (first != null) {
            attached = null;
        }
        Reader opened = new Reader(position, first, breaksBeforeAttached);
        reader = opened;
        return opened;
    }

    /** Ends reading. */
    void close() {
        isClosed = true;
        synchronized (this) {
            if (attached != null) {
                attached.close();
                attached = null;
            }
            if (reader != null) {
                reader.close();
            }
        }
    }

    /** Where the reader stands. */
    private enum Phase {
        /** Reads what comes, from a connection. */
        ATTACHED,
        /** Reads the log, and waits for more. */
        FOLLOWED,
        /** Reads the log of a process that is gone, to its end. */
        LAST,
        ENDED
    }

    /** Reads on, whatever becomes of connections. */
    private final class Reader implements ReadableByteChannel {
        private Phase phase = Phase.ATTACHED;

        /** Bytes of the stream that were given. */
        private long position;

        /** Bytes that the log is still to repeat. */
        private long toSkip;

        /** Whether the engine has ended meanwhile, and with it what it had taken from the process and not logged. */
        private boolean isEngineGone;

        /** How often the engine was lost before the connection that is read was attached. */
        private int breaksBefore;

        /** Whether it was told that the log may lack line breaks. */
        private boolean isDoubtTold;

        /** Whether the log keeps nothing, so that only what comes can be read. */
        private boolean isLogUnreadable;

        private long pauseMillis = PAUSE_MILLIS_MIN;
        private volatile @Nullable ReadableByteChannel source;
        private volatile boolean isReaderClosed;

        Reader(long position, @Nullable OutputFrames first, int breaksBefore) {
            this.position = position;
            source = first;
            this.breaksBefore = breaksBefore;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            while (phase != Phase.ENDED) {
                ReadableByteChannel current = source();
                try {
                    int count = current == null ? 0 : readFrom(current, target);
                    if (count > 0) {
                        pauseMillis = PAUSE_MILLIS_MIN;
                        return count;
                    }
                    if (count < 0 && isEnd(current)) {
                        leave(current);
                        phase = Phase.ENDED;
                        if (toSkip > 0) {
                            throw lost("the engine's log ends %d bytes before what was taken".formatted(toSkip));
                        }
                        return -1;
                    }
                    isEngineGone |= current != null && phase == Phase.ATTACHED;
                } catch (OutputLostException e) {
                    if (current instanceof LogFile) {
                        leave(current);
                        isLogUnreadable = true; // it is damaged
                        toSkip = 0;
                    }
                    throw e;
                } catch (IOException e) {
                    if (isClosed()) {
                        throw e;
                    }
                    isEngineGone |= phase != Phase.LAST;
                }
                leave(current);
                pause();
            }
            return -1;
        }

        private void leave(@Nullable ReadableByteChannel current) {
            close(current);
            source = null;
        }

        /**
         * A log that the engine let us follow may have stopped short of the last of it, and is read once more. A connection
         * ends like that with the process, and with an engine that is killed, under which the process may have ended since.
         */
        private boolean isEnd(@Nullable ReadableByteChannel current) throws IOException {
            if (phase != Phase.ATTACHED) {
                return phase == Phase.LAST || current instanceof LogFile;
            }
            long untilNanos = System.nanoTime() + EXIT_MILLIS * 1_000_000;
            while (!outlook.isOver().getAsBoolean()) {
                if (System.nanoTime() - untilNanos > 0) {
                    return false;
                }
                pause();
            }
            return isEngineTheSame();
        }

        /** Whether the engine has lived ever since the connection was attached. */
        private boolean isEngineTheSame() {
            try {
                // One that died just now is known by its silence, and any earlier one by the events that it stopped
                // sending.
                client.get("/_ping");
            } catch (ContainerRuntimeException e) {
                return false;
            }
            return outlook.breaks().getAsInt() == breaksBefore;
        }

        private int readFrom(ReadableByteChannel current, ByteBuffer target) throws IOException {
            int begin = target.position();
            while (true) {
                int count = current.read(target);
                if (count < 0) {
                    return -1;
                }
                if (toSkip < count) {
                    int fresh = count - (int) toSkip;
                    if (toSkip > 0) {
                        target.put(begin, target, begin + (int) toSkip, fresh);
                        target.position(begin + fresh);
                        toSkip = 0;
                    }
                    position += fresh;
                    return fresh;
                }
                toSkip -= count;
                target.position(begin);
            }
        }

        /** Where the next byte comes from; null if it cannot be had now. */
        private @Nullable ReadableByteChannel source() throws IOException {
            if (isClosed()) {
                throw new ClosedChannelException();
            }
            ReadableByteChannel current = source;
            if (current != null) {
                checkDoubt(current);
                return current;
            }
            boolean wasOver = outlook.isOver().getAsBoolean();
            try {
                if (isLogUnreadable) {
                    phase = wasOver ? Phase.LAST : Phase.ATTACHED;
                    breaksBefore = outlook.breaks().getAsInt();
                    current = attachNow();
                } else {
                    phase = wasOver ? Phase.LAST : Phase.FOLLOWED;
                    current = log.open(stream, isRaw, !wasOver);
                    toSkip = position;
                }
            } catch (ContainerRuntimeException e) {
                refused(wasOver, e);
            }
            source = current;
            if (isClosed()) {
                leave(current);
                throw new ClosedChannelException();
            }
            if (current != null && isEngineGone) {
                isEngineGone = false;
                throw lost("the engine ended while the process ran, and what it had not logged is lost");
            }
            return current;
        }

        /** Says once that the log may lack line breaks. */
        private void checkDoubt(ReadableByteChannel current) throws OutputLostException {
            if (!isDoubtTold && current instanceof DoubtfulLog doubtful && doubtful.isInDoubt()) {
                isDoubtTold = true;
                throw lost("the engine's log does not say where lines of more than 16 KiB end");
            }
        }

        /** Throws if bytes are gone; otherwise it is tried again. */
        private void refused(boolean wasOver, ContainerRuntimeException e) throws IOException {
            if (isLogUnreadable && e.code() == Code.FAILED_PRECONDITION && wasOver) {
                phase = Phase.ENDED;
            } else if (!isLogUnreadable && isUnreadable(e)) {
                isLogUnreadable = true;
                toSkip = 0;
                if (wasOver) {
                    phase = Phase.ENDED;
                }
                throw lost(String.valueOf(e.getMessage()));
            } else if (e.code() == Code.NOT_FOUND) {
                phase = Phase.ENDED;
                throw lost(String.valueOf(e.getMessage()));
            }
        }

        private OutputLostException lost(String why) {
            return new OutputLostException("%s of %s: %s".formatted(stream, place, why));
        }

        private static boolean isUnreadable(ContainerRuntimeException e) {
            return String.valueOf(e.getMessage()).contains("does not support reading");
        }

        private boolean isClosed() {
            return isReaderClosed || RunOutput.this.isClosed || client.isClosed();
        }

        private void pause() throws IOException {
            if (isClosed()) {
                throw new ClosedChannelException();
            }
            try {
                Thread.sleep(pauseMillis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            pauseMillis = Math.min(2 * pauseMillis, PAUSE_MILLIS_MAX);
        }

        @Override
        public boolean isOpen() {
            return !isReaderClosed;
        }

        @Override
        public void close() {
            isReaderClosed = true;
            close(source);
        }

        private static void close(@Nullable ReadableByteChannel current) {
            try {
                if (current != null) {
                    current.close();
                }
            } catch (IOException e) {
                // It is gone.
            }
        }
    }
}
