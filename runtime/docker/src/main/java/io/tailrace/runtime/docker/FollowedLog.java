package io.tailrace.runtime.docker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.function.BooleanSupplier;

/**
 * What Podman reads back of its log while the process runs. Once that is over Podman leaves out lines, one here and one
 * there, for who has not come to the end yet: so what was read is given only if the process ran still when it was here, and
 * this is at its end otherwise. Read by one thread; closed by any.
 */
final class FollowedLog implements ReadableByteChannel {
    private static final int BUFFER_BYTES = 64 << 10;

    private final OutputFrames log;
    private final BooleanSupplier isUp;
    private final ByteBuffer checked = ByteBuffer.allocate(BUFFER_BYTES).flip();
    private boolean isEnded;

    /** @param isUp asks the engine whether the process runs */
    FollowedLog(OutputFrames log, BooleanSupplier isUp) {
        this.log = log;
        this.isUp = isUp;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (!checked.hasRemaining() && !isEnded) {
            fill();
        }
        if (isEnded) {
            return -1;
        }
        int count = Math.min(checked.remaining(), target.remaining());
        target.put(target.position(), checked, checked.position(), count);
        target.position(target.position() + count);
        checked.position(checked.position() + count);
        return count;
    }

    /** Reads all that is here already, because to ask the engine takes longer than to read a line. */
    private void fill() throws IOException {
        checked.clear();
        int count = log.read(checked);
        while (count >= 0 && checked.hasRemaining() && log.hasMore()) {
            count = log.read(checked);
        }
        checked.flip();
        isEnded = !checked.hasRemaining() || !isUp.getAsBoolean();
    }

    @Override
    public boolean isOpen() {
        return log.isOpen();
    }

    @Override
    public void close() {
        log.close();
    }
}
