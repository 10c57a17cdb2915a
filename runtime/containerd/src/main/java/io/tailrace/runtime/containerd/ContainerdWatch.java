package io.tailrace.runtime.containerd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a {@link PrivateContainerd} running for a server, and knows whether that server is the one to end it: of the
 * servers that use it at the same time, the one that holds the lock on its {@code owner} file. A server that came when
 * another one had it becomes the owner when that one has gone. Thread-safe.
 */
public final class ContainerdWatch implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(ContainerdWatch.class);
    private static final long WATCH_MILLIS = 2_000;
    /** A start of containerd may be under way. */
    private static final long JOIN_MILLIS = 20_000;

    private final PrivateContainerd containerd;
    private final FileChannel ownerFile;
    private final Thread watcher;

    @GuardedBy("this") private boolean isOwner;

    private ContainerdWatch(PrivateContainerd containerd, FileChannel ownerFile) {
        this.containerd = containerd;
        this.ownerFile = ownerFile;
        watcher = Thread.ofVirtual().name("private-containerd").unstarted(this::watch);
    }

    static ContainerdWatch begin(PrivateContainerd containerd, Path ownerFile) {
        try {
            ContainerdWatch watch = new ContainerdWatch(
                    containerd, FileChannel.open(ownerFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
            watch.claim();
            watch.watcher.start();
            return watch;
        } catch (IOException failure) {
            throw Failures.of("watch private containerd", failure);
        }
    }

    private void watch() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Thread.sleep(WATCH_MILLIS);
                claim();
                containerd.ensureRunning();
            } catch (InterruptedException closed) {
                return;
            } catch (IOException | ContainerRuntimeException failure) {
                LOGGER.warn("private containerd does not start: {}", failure.getMessage());
            }
        }
    }

    private synchronized void claim() throws IOException {
        if (isOwner) {
            return;
        }
        try {
            isOwner = ownerFile.tryLock() != null;
        } catch (OverlappingFileLockException ownedInThisProcess) {
            isOwner = false;
        }
    }

    /** Ends the watch and, if this is its owner, containerd. */
    public void endContainerd() {
        endWatch();
        try {
            if (isOwner()) {
                containerd.stop();
            }
        } finally {
            release();
        }
    }

    /**
     * Ends the watch and, if this is its owner by now and nothing runs in it, containerd: for who came when another server had
     * it, and may be the last to leave.
     */
    public void endIdleContainerd() {
        endWatch();
        try {
            // Who had it may have left since the watch looked last.
            claim();
            if (isOwner() && !containerd.hasTasks()) {
                containerd.stop();
            }
        } catch (IOException failure) {
            LOGGER.warn("private containerd runs on: {}", failure.getMessage());
        } finally {
            release();
        }
    }

    /** Ends the watch; containerd runs on. */
    @Override
    public void close() {
        endWatch();
        release();
    }

    private synchronized boolean isOwner() {
        return isOwner;
    }

    private void endWatch() {
        watcher.interrupt();
        try {
            watcher.join(Duration.ofMillis(JOIN_MILLIS));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void release() {
        try {
            ownerFile.close();
        } catch (IOException failure) {
            LOGGER.warn("the lock of private containerd: {}", failure.getMessage());
        }
    }
}
