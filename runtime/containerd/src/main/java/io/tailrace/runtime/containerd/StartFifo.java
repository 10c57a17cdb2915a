package io.tailrace.runtime.containerd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;

/**
 * The fifo at which runc (1.1) lets the first process of a container begin. The process has it open from its making on, and
 * waits in it for a reader; {@code runc start} opens it, reads until the process has closed it to become its command, and
 * removes it. Where a {@code runc start} is killed in between, the process runs and nobody has been told: the next one fails,
 * or waits in the fifo for as long as the process lives, and the shim has it for one that was never started. Here another
 * start is let through: what the process has said already is said in its place.
 */
final class StartFifo {
    /** Where containerd's shim has runc keep its state, a directory per containerd namespace. */
    static final Path RUNC_STATE = Path.of("/run/containerd/runc");

    /** What runc's first process writes before it becomes its command. */
    private static final byte[] BEGUN = "0".getBytes(StandardCharsets.US_ASCII);

    private static final long PAUSE_MILLIS = 10;

    private final Path fifo;
    private final Path process;

    /** @param pid of the container's first process */
    StartFifo(String namespace, String id, long pid) {
        fifo = RUNC_STATE.resolve(namespace).resolve(id).resolve("exec.fifo");
        process = Path.of("/proc", Long.toString(pid));
    }

    /** Whether the fifo is still there. */
    boolean isLeft() {
        return Files.exists(fifo);
    }

    /** Whether the process lives and no longer waits for its start. */
    boolean isPassed() {
        try {
            // What has ended and is not reaped has none.
            Files.readSymbolicLink(process.resolve("exe"));
            return !isLeft() || !isOpen();
        } catch (IOException ended) {
            return false;
        }
    }

    private boolean isOpen() throws IOException {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (isFifo(descriptor)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean isFifo(Path descriptor) {
        try {
            return Files.isSameFile(descriptor, fifo);
        } catch (IOException closed) {
            return false;
        }
    }

    /**
     * Starts the process once more, whether it waits or began already.
     *
     * @param start has runc start it
     * @return what {@code start} returns
     */
    long passing(LongSupplier start) throws IOException {
        if (isPassed()) {
            // runc may have got as far as removing it.
            Linux.makeFifo(fifo);
        }
        try (ExecutorService answering = Executors.newVirtualThreadPerTaskExecutor()) {
            answering.execute(this::answer);
            try {
                return start.getAsLong();
            } finally {
                answering.shutdownNow();
            }
        }
    }

    /** Says what a process says that begins to every runc that asks it after it began, until it is interrupted. */
    private void answer() {
        try {
            while (true) {
                if (isPassed()) {
                    write();
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException done) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        try {
            int descriptor = Linux.open(fifo, Linux.O_WRONLY | Linux.O_NONBLOCK);
            try {
                Linux.write(descriptor, ByteBuffer.wrap(BEGUN), BEGUN.length);
            } finally {
                Linux.close(descriptor);
            }
        } catch (IOException nobodyReads) {
            // Not yet, or not any more.
        }
    }
}
