package io.tailrace.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** A disk some of whose calls on open files fail, as a test wants. Concerns files in one directory and below. */
final class FailingDisk implements Disk.Watcher, AutoCloseable {
    private static final Rule NONE = (call, file, position, length) -> 0;

    private final Path root;
    private final Map<Integer, Path> open = new ConcurrentHashMap<>();
    private volatile Rule rule = NONE;

    private FailingDisk(Path root) {
        this.root = root;
    }

    /** Which calls fail. */
    @FunctionalInterface
    interface Rule {
        /** @return the error number that a call fails with; 0 if it does not fail */
        int error(Disk.Call call, String fileName, long position, long length);
    }

    static FailingDisk under(Path root) {
        var disk = new FailingDisk(root);
        Disk.watch(disk);
        return disk;
    }

    void fail(Rule next) {
        rule = next;
    }

    /** The files that are open. */
    Collection<Path> open() {
        return open.values();
    }

    void mend() {
        rule = NONE;
    }

    @Override
    public void enter(Disk.Call call, Path path) throws IOException {
        var error = path.startsWith(root) ? rule.error(call, name(path), 0, 0) : 0;
        if (error != 0) {
            throw Linux.failure(call + " " + path, -error);
        }
    }

    @Override
    public long enter(Disk.Call call, int descriptor, long position, long length) {
        var path = open.get(descriptor);
        var error = path == null ? 0 : rule.error(call, name(path), position, length);
        return error == 0 ? length : -error;
    }

    @Override
    public void opened(Path path, int descriptor) {
        if (path.startsWith(root)) {
            open.put(descriptor, path);
        }
    }

    @Override
    public void closing(int descriptor) {
        open.remove(descriptor);
    }

    @Override
    public UUID bootId(Path directory) throws IOException {
        return Disk.realBootId();
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    @Override
    public void close() {
        Disk.watch(null);
    }
}
