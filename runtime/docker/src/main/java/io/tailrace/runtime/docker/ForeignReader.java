package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.OutputLostException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one stream of one run out of the engine's log, whatever becomes of connections; and what comes, where the log keeps
 * nothing. Read by one thread; closed by any.
 */
final class ForeignReader implements ReadableByteChannel {
    private static final Logger LOGGER = LoggerFactory.getLogger(ForeignReader.class);
    private static final String CONNECTION_BROKE = "the connection that brings it broke";
    private static final long MARK_NANOS = 1_000_000_000;

    /** What a rotated log may cost beyond what it lacks. */
    private static final long MARK_BYTES = 64 << 10;

    private static final long PAUSE_MILLIS_MIN = 5;
    private static final long PAUSE_MILLIS_MAX = 2_000;
    /** A message that could not be read so often in a row, and for so long, is given up. */
    private static final int REFUSALS_MAX = 3;

    private static final long REFUSALS_NANOS = 3_000_000_000L;

    /** How long the log of what is over may be refused. */
    private static final long OVER_NANOS = 60_000_000_000L;

    private final ForeignLog log;
    private final String stream;
    private final LogSection section;
    private final ContainerFiles files;

    /** Behind the last message that was taken; its bytes that are not given are the rest. */
    private LogMark mark;

    private ByteBuffer rest = ByteBuffer.allocate(0);

    /** Messages of the mark's time that the log is still to repeat, and bytes behind them. */
    private int messagesToSkip;

    private long bytesToSkip;

    /** Whether a message is skipped whole of which only a part is to be: what is missing before has no exact end anyway. */
    private boolean isSkippedWhole;

    private long markedNanos = System.nanoTime() - MARK_NANOS;
    private long markedPosition;
    private long pauseMillis = PAUSE_MILLIS_MIN;
    private @Nullable String lossDue;
    private boolean isDoubtTold;

    /** How often in a row the next message could not be read, and whether that was told. */
    private int refusals;

    private long refusedSinceNanos;

    private boolean isRefusalTold;

    /** Whether nothing that is in the log counts. */
    private boolean isFromNow;

    private boolean isEngineGone;

    /** Whether an attached connection ended, of which is not known yet whether its process did. */
    private boolean isCut;

    private volatile boolean wasOver;
    private boolean isEnded;
    private boolean isLogUnreadable;
    private volatile @Nullable LogMessages messages;
    private volatile @Nullable OutputFrames attached;
    private volatile boolean isClosed;
    private volatile boolean isFollowingEnded;

    /** @param position bytes of the stream, in this run, that were taken before */
    ForeignReader(ForeignLog log, String stream, LogSection section, ContainerFiles files, long position) {
        this.log = log;
        this.stream = stream;
        this.section = section;
        this.files = files;
        LogMark beginning = LogMark.beginning(section.sinceNanos());
        LogMark found = LogMark.read(files, stream, section.sinceNanos())
                .filter(known -> known.position() <= position)
                .orElse(beginning);
        mark = found;
        markedPosition = found.position();
        bytesToSkip = position - found.position();
        if (position == 0 && !section.isWhole()) {
            lossDue = "the engine's log may lack the beginning";
        } else if (bytesToSkip > 0 && found.count() == 0 && log.isRotating()) {
            lossDue = "the engine's log may have been rotated since its beginning";
            isFromNow = true;
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (!rest.hasRemaining()) {
            writeMark();
        }
        while (true) {
            String loss = lossDue;
            if (loss != null) {
                lossDue = null;
                throw new OutputLostException("%s of %s: %s".formatted(stream, log.place(), loss));
            }
            if (isEnded) {
                return -1;
            }
            if (rest.hasRemaining()) {
                pauseMillis = PAUSE_MILLIS_MIN;
                return giveAll(target);
            }
            int count = isLogUnreadable ? readAttached(target) : 0;
            if (count > 0) {
                return count;
            }
            if (!isLogUnreadable) {
                readLog();
            }
        }
    }

    /** Gives what is here, of as many messages as there are: a record for each line would cost much more. */
    private int giveAll(ByteBuffer target) throws IOException {
        int count = give(target);
        LogMessages open = messages;
        while (target.hasRemaining() && lossDue == null && !isEnded && open != null && open.hasNext()) {
            readLog();
            count += lossDue == null ? give(target) : 0;
            open = messages;
        }
        return count;
    }

    private int give(ByteBuffer target) {
        int count = Math.min(rest.remaining(), target.remaining());
        target.put(target.position(), rest, rest.position(), count);
        target.position(target.position() + count);
        rest.position(rest.position() + count);
        return count;
    }

    /** All that was given before is recorded: the next server may go on behind it. */
    private void writeMark() {
        long now = System.nanoTime();
        if (mark.count() > 0
                && bytesToSkip == 0
                && messagesToSkip == 0
                && mark.position() > markedPosition
                && (now - markedNanos >= MARK_NANOS || mark.position() - markedPosition >= MARK_BYTES)) {
            markedNanos = now;
            try {
                mark.write(files, stream, section.sinceNanos());
                markedPosition = mark.position();
            } catch (ContainerRuntimeException e) {
                // As on a full disk. The mark before it serves as well, only longer.
                LOGGER.debug("no mark of {} of {}", stream, log.place(), e);
            }
        }
    }

    /** Takes one message of the log, or finds that none can be had now; what is to be given is the rest. */
    private void readLog() throws IOException {
        LogMessages.Message next;
        try {
            LogMessages open = messages();
            if (open == null) {
                return;
            }
            next = open.next();
        } catch (IOException e) {
            broken(e);
            return;
        }
        if (next == null || next.nanos() > section.untilNanos().getAsLong()) {
            leave();
            if (!wasOver) {
                pause(); // it is read once more, to its end, when the run is over
                return;
            }
            isEnded = true;
            if (messagesToSkip > 0 || bytesToSkip > 0) {
                lossDue = "the engine's log ends before what was taken of it";
            }
            return;
        }
        if (next.nanos() >= section.sinceNanos()) {
            take(next);
        }
    }

    private void broken(IOException e) throws IOException {
        checkOpen();
        leave();
        if (isFollowingEnded && !wasOver) {
            return; // it was closed here, to be read to its end
        }
        if (!(e instanceof UnreadableLogException)) {
            isEngineGone |= !wasOver;
        } else if (isGivenUp(REFUSALS_NANOS)) {
            refusals = 0;
            isFromNow = true;
            messagesToSkip = 0;
            isEnded = wasOver;
            lossDue = isRefusalTold ? null : "the engine's log cannot be read further: " + e.getMessage();
            isRefusalTold = true;
        }
        pause();
    }

    /** Counts one more refusal. Whether there have been enough in a row, for so long. */
    private boolean isGivenUp(long nanos) {
        long now = System.nanoTime();
        if (refusals++ == 0) {
            refusedSinceNanos = now;
        }
        return refusals >= REFUSALS_MAX && now - refusedSinceNanos >= nanos;
    }

    private void take(LogMessages.Message next) {
        if (messagesToSkip > 0) {
            if (next.nanos() == mark.nanos()) {
                messagesToSkip--;
                return;
            }
            // Of what remains, the first bytes may be those that were taken behind the mark: what is skipped for them
            // comes
            // once at most, and is told as lost.
            messagesToSkip = 0;
            isSkippedWhole = true;
            lossDue = "the engine's log was rotated, and what came before is gone";
        }
        // Those that were skipped are repeated before what cannot be read, however often it is tried.
        refusals = 0;
        isRefusalTold = false;
        mark = mark.after(next);
        rest = next.data();
        int skipped = (int) Math.min(bytesToSkip, rest.remaining());
        bytesToSkip -= skipped;
        int left = rest.remaining() - skipped;
        if (isSkippedWhole && skipped > 0 && left > 0) {
            mark = new LogMark(mark.position() - left, mark.nanos(), mark.count());
            skipped += left;
        }
        rest.position(rest.position() + skipped);
        if (log.isDoubtful() && next.isPiece() && !isDoubtTold) {
            isDoubtTold = true;
            lossDue = "the engine's log does not say where lines of more than 16 KiB end";
        }
    }

    private @Nullable LogMessages messages() throws IOException {
        checkOpen();
        LogMessages open = messages;
        if (open != null) {
            return open;
        }
        wasOver = section.isOver().getAsBoolean();
        try {
            if (isFromNow) {
                mark = new LogMark(mark.position() + bytesToSkip, log.now(), 0);
                bytesToSkip = 0;
                isFromNow = false;
            }
            open = log.open(
                    stream, mark.nanos(), wasOver ? section.untilNanos().getAsLong() : Long.MAX_VALUE, !wasOver);
        } catch (ContainerRuntimeException e) {
            refused(e);
            return null;
        }
        messages = open;
        messagesToSkip = mark.count();
        if (isClosed) {
            leave();
            throw new ClosedChannelException();
        }
        if (isFollowingEnded && !wasOver) {
            leave();
            return null;
        }
        if (isEngineGone) {
            isEngineGone = false;
            lossDue = "the engine ended while the process ran, and what it had not logged is lost";
        }
        return open;
    }

    /** Says what is gone, or waits to try again. */
    private void refused(ContainerRuntimeException e) throws IOException {
        if (ForeignLog.isUnreadable(e)) {
            isLogUnreadable = true;
            lossDue = e.getMessage();
        } else if (e.code() == Code.NOT_FOUND && wasOver) {
            isEnded = true;
            lossDue = "the container was removed before its log was read to its end";
        } else if (wasOver && !isAway(e) && isGivenUp(OVER_NANOS)) {
            isEnded = true;
            lossDue = "the engine does not give the rest of its log: " + e.getMessage();
        } else {
            pause();
        }
    }

    /** Whether the engine said nothing, and may say it when it is back. */
    private static boolean isAway(ContainerRuntimeException e) {
        return e.code() == Code.UNAVAILABLE || e.code() == Code.DEADLINE_EXCEEDED;
    }

    /** Takes what comes, of a container whose log keeps nothing. */
    private int readAttached(ByteBuffer target) throws IOException {
        checkOpen();
        OutputFrames open = attached;
        boolean wasAttached = open != null;
        try {
            if (open == null) {
                wasOver = section.isOver().getAsBoolean();
                if (wasOver) {
                    isEnded = true;
                    return -1;
                }
                open = log.attach(stream);
                attached = open;
                wasAttached = true;
                checkOpen();
            }
            int count = open.read(target);
            if (count > 0) {
                pauseMillis = PAUSE_MILLIS_MIN;
                return isCut ? keepBehindLoss(target, count) : count;
            }
            isCut = true;
        } catch (ContainerRuntimeException | IOException e) {
            if (isClosed) {
                leave();
            }
            checkOpen();
            boolean isMissing = (wasAttached || isCut) && !section.isOver().getAsBoolean();
            isCut = false;
            lossDue = isMissing ? CONNECTION_BROKE : null;
        }
        leave();
        pause();
        return 0;
    }

    /** Takes back what was read behind what is missing: the loss is told first. */
    private int keepBehindLoss(ByteBuffer target, int count) {
        isCut = false;
        lossDue = CONNECTION_BROKE;
        target.position(target.position() - count);
        rest = ByteBuffer.allocate(count);
        rest.put(0, target, target.position(), count);
        return 0;
    }

    void endFollowing() {
        isFollowingEnded = true;
        LogMessages open = messages;
        if (open != null && !wasOver) {
            open.close();
        }
    }

    private void checkOpen() throws ClosedChannelException {
        if (isClosed || log.client().isClosed()) {
            throw new ClosedChannelException();
        }
    }

    private void pause() throws IOException {
        checkOpen();
        try {
            Thread.sleep(pauseMillis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        pauseMillis = Math.min(2 * pauseMillis, PAUSE_MILLIS_MAX);
    }

    private void leave() {
        LogMessages open = messages;
        messages = null;
        if (open != null) {
            open.close();
        }
        OutputFrames frames = attached;
        attached = null;
        if (frames != null) {
            frames.close();
        }
    }

    @Override
    public boolean isOpen() {
        return !isClosed;
    }

    @Override
    public void close() {
        isClosed = true;
        leave();
    }
}
