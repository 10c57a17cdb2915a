package io.tailrace.runtime.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A network namespace that has a name: a file on which the kernel's namespace is mounted, so that it stays. */
final class NetworkNamespace {
    private NetworkNamespace() {}

    /**
     * Makes one. The thread that does so is in it from then on, so it is one of its own, which ends at once.
     */
    static void create(Path file) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file);
        CompletableFuture<Void> made = new CompletableFuture<>();
        Thread.ofPlatform().name("network-namespace").start(() -> {
            try {
                Linux.unshareNetwork();
                Linux.bindMount(Path.of("/proc/thread-self/ns/net"), file);
                made.complete(null);
            } catch (IOException | RuntimeException failure) {
                made.completeExceptionally(failure);
            }
        });
        try {
            made.join();
        } catch (CompletionException failure) {
            Files.deleteIfExists(file);
            throw new IOException("network namespace: " + failure.getMessage(), failure);
        }
    }

    /** Whether there is one: the file alone is left over by a machine that was restarted. */
    static boolean exists(Path file) throws IOException {
        return Files.exists(file)
                && !Files.getAttribute(file, "unix:dev").equals(Files.getAttribute(file.getParent(), "unix:dev"));
    }

    /** Removing what is gone is no error. */
    static void remove(Path file) throws IOException {
        Linux.unmount(file);
        Files.deleteIfExists(file);
    }
}
