package io.tailrace.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The disk of one simulated machine: real files, which the log and the engine reach through {@link Disk}. Every server of
 * the machine has a name of its own for the same directory, {@code s1}, {@code s2}, ..., so that every call tells whose it
 * is: a killed server's calls all fail, whichever of its threads makes them and however late.
 *
 * <p>A power cut keeps of each file what was synced, and any of the pages written since. Thread-safe.
 */
public final class SimulatedDisk {
    private static final int EIO = 5;
    private static final int EMFILE = 24;
    private static final int PAGE_BYTES = 4096;
    private static final Map<Path, SimulatedDisk> DISKS = new ConcurrentHashMap<>();
    private static final Map<Integer, Open> OPEN = new ConcurrentHashMap<>();

    private final Path root;
    private final Map<Integer, Server> servers = new ConcurrentHashMap<>();
    private final AtomicLong calls = new AtomicLong();
    private volatile UUID bootId = new UUID(0, 1);
    private volatile Fault fault = Fault.NONE;

    @GuardedBy("this") private final Random random;

    /** -1: each call that may fail does; 0: most; 1: some. */
    @GuardedBy("this") private int rarity;

    /** What was synced of each file, by its real path; and the entries of each directory. */
    @GuardedBy("this") private final Map<Path, byte[]> synced = new HashMap<>();

    @GuardedBy("this") private final Map<Path, Set<String>> syncedEntries = new HashMap<>();

    private SimulatedDisk(Path root, long seed) {
        this.root = root;
        random = new Random(seed);
        rarity = random.nextInt(3) - 1;
    }

    /** What goes wrong with every so-manieth call until it is mended. */
    public enum Fault {
        /** Nothing. */
        NONE,
        /** ENOSPC where room is needed. */
        FULL,
        /** EIO in reading, writing, syncing. */
        FAILING,
        /** EMFILE in opening. */
        TOO_MANY_FILES,
        /** An error of the server's own, as for want of memory, in reading, writing, syncing. */
        ERROR
    }

    private record Open(SimulatedDisk disk, Server server, Path path) {}

    private static final class Server {
        /** Guarded by this. */
        private long callsLeft = Long.MAX_VALUE;

        private final AtomicInteger open = new AtomicInteger();
        private volatile boolean isDead;
        private volatile Runnable onDeath = () -> {};

        synchronized void dieWithin(long calls) {
            callsLeft = calls;
        }

        /** Counts a call and dies with the last one in one step: who has put that off knows whether it came too late. */
        boolean isAliveAfterCall() {
            synchronized (this) {
                if (isDead) {
                    return false;
                }
                callsLeft--;
                if (callsLeft != 0) {
                    return true;
                }
                isDead = true;
            }
            onDeath.run();
            return false;
        }

        void die() {
            synchronized (this) {
                if (isDead) {
                    return;
                }
                isDead = true;
            }
            onDeath.run();
        }
    }

    /** A new disk. @param root of its machine; a directory that is there */
    public static SimulatedDisk make(Path root, long seed) throws IOException {
        var disk = new SimulatedDisk(root, seed);
        Files.createDirectories(root.resolve("data"));
        DISKS.put(root, disk);
        Disk.watch(new AllDisks());
        return disk;
    }

    /** Forgets it. */
    public void close() {
        DISKS.remove(root);
        if (DISKS.isEmpty()) {
            Disk.watch(null);
        }
    }

    /** A data directory for the next server. @param onDeath called when it is killed, by any thread */
    public synchronized Path directoryOfServer(int number, Runnable onDeath) throws IOException {
        var directory = root.resolve("s" + number);
        Files.createSymbolicLink(directory, root.resolve("data"));
        var server = new Server();
        server.onDeath = onDeath;
        servers.put(number, server);
        return directory;
    }

    /** Kills a server before or within its n-th call from now on; 0: now. */
    public void kill(int number, long afterCalls) {
        var server = server(number);
        if (afterCalls == 0) {
            server.die();
        } else {
            server.dieWithin(afterCalls);
        }
    }

    /** Whether a server was killed. */
    public boolean isDead(int number) {
        return server(number).isDead;
    }

    /** How many files a server has open. */
    public int openFiles(int number) {
        return server(number).open.get();
    }

    /** The files that a server has open, for people. */
    public List<String> openFileNames(int number) {
        var server = server(number);
        return OPEN.values().stream()
                .filter(open -> open.server() == server)
                .map(open -> open.path().toString())
                .toList();
    }

    /** Calls so far; changes while anybody works. */
    public long calls() {
        return calls.get();
    }

    /** Lets calls fail from now on. */
    public void fail(Fault next) {
        fault = next;
    }

    /** Lets each call that can fail so fail from now on. */
    public synchronized void failAlways(Fault next) {
        rarity = -1;
        fault = next;
    }

    /** What goes wrong now. */
    public Fault fault() {
        return fault;
    }

    private Server server(int number) {
        var server = servers.get(number);
        if (server == null) {
            throw new IllegalArgumentException("server: %d (expected: one of %s)".formatted(number, servers.keySet()));
        }
        return server;
    }

    /** Counts a call. @return whether the server is alive to make it */
    private boolean step(Server server) {
        calls.incrementAndGet();
        return server.isAliveAfterCall();
    }

    private synchronized boolean isUnlucky(Disk.Call call) {
        var concerned = switch (fault) {
            case NONE -> EnumSet.noneOf(Disk.Call.class);
            case FULL -> EnumSet.of(Disk.Call.OPEN, Disk.Call.MAKE, Disk.Call.WRITE);
            case FAILING, ERROR -> EnumSet.of(Disk.Call.READ, Disk.Call.WRITE, Disk.Call.SYNC, Disk.Call.TRUNCATE);
            case TOO_MANY_FILES -> EnumSet.of(Disk.Call.OPEN, Disk.Call.LIST);
        };
        return concerned.contains(call) && random.nextInt(3) > rarity;
    }

    private int errorNumber() {
        return switch (fault) {
            case FULL -> Linux.ENOSPC;
            case TOO_MANY_FILES -> EMFILE;
            case NONE, FAILING, ERROR -> EIO;
        };
    }

    private void enter(Disk.Call call, Path path) throws IOException {
        var server = serverOf(path);
        if (server != null && !step(server)) {
            throw new FileSystemException(path.toString(), null, "the server was killed");
        }
        // A file that is there needs no room to be opened.
        var needsRoom = !Files.exists(path);
        if ((fault != Fault.FULL || needsRoom) && isUnlucky(call)) {
            var isOfLog = call == Disk.Call.OPEN && !path.endsWith("lock") && !path.endsWith("feed-floor");
            throw isOfLog
                    ? Linux.failure("open " + path, -errorNumber())
                    : new FileSystemException(path.toString(), null, "simulated: error number " + errorNumber());
        }
    }

    private long enter(Server server, Disk.Call call, Path path, long position, long length) {
        if (server.isDead) {
            return -EIO;
        }
        if (!step(server)) {
            // The kernel had come up to some page when the process was killed.
            return call == Disk.Call.WRITE && length > 1 ? untilSomePage(position, length) : -EIO;
        }
        if (isUnlucky(call)) {
            if (fault == Fault.ERROR) {
                throw new StackOverflowError("simulated");
            }
            return -errorNumber();
        }
        if (call == Disk.Call.SYNC) {
            keep(path);
        }
        return call == Disk.Call.WRITE ? sometimesLess(position, length) : length;
    }

    private synchronized long untilSomePage(long position, long length) {
        var untilPage = PAGE_BYTES - position % PAGE_BYTES;
        if (untilPage >= length || random.nextBoolean()) {
            return random.nextBoolean() ? length : -EIO;
        }
        return untilPage + random.nextLong((length - untilPage) / PAGE_BYTES + 1) * PAGE_BYTES;
    }

    private long sometimesLess(long position, long length) {
        synchronized (this) {
            if (random.nextInt(50) > 0) {
                return length;
            }
        }
        var less = untilSomePage(position, length);
        return less < 0 ? length : less;
    }

    private static Path realPath(Path path) throws IOException {
        return path.toRealPath();
    }

    private void keep(Path path) {
        try {
            var real = realPath(path);
            if (Files.isDirectory(real)) {
                var names = names(real);
                synchronized (this) {
                    syncedEntries.put(real, names);
                }
            } else {
                var bytes = Files.readAllBytes(real);
                synchronized (this) {
                    synced.put(real, bytes);
                }
            }
        } catch (IOException e) {
            // It was deleted while it was being synced.
            calls.incrementAndGet();
        }
    }

    private static Set<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return Set.copyOf(
                    entries.map(entry -> entry.getFileName().toString()).toList());
        }
    }

    private Server serverOf(Path path) {
        var name = path.getName(root.getNameCount()).toString();
        return name.startsWith("s") && name.length() > 1 ? servers.get(Integer.parseInt(name.substring(1))) : null;
    }

    /**
     * The machine loses its power: each segment keeps what was synced, and any of the rest; so does each directory. All
     * servers must be dead.
     */
    public synchronized void cutPower() throws IOException {
        bootId = new UUID(0, bootId.getLeastSignificantBits() + 1);
        loseDirectories(root.resolve("data").resolve("containers"));
        var segments = new ArrayList<Path>();
        try (Stream<Path> tree = Files.walk(root.resolve("data"))) {
            tree.filter(path -> path.toString().endsWith(".segment")).sorted().forEach(segments::add);
        }
        Path lost = null;
        for (var segment : segments) {
            var directory = segment.getParent();
            var entries = syncedEntries.getOrDefault(directory, Set.of());
            var isEntrySynced = entries.contains(segment.getFileName().toString());
            if (directory.equals(lost) || (!isEntrySynced && random.nextInt(4) == 0)) {
                // Directories are written back in order: what was made after it is gone as well.
                lost = directory;
                Files.delete(segment);
            } else {
                Files.write(segment, survivor(segment));
            }
        }
    }

    private synchronized void loseDirectories(Path parent) throws IOException {
        var synced = syncedEntries.getOrDefault(parent.toRealPath(), Set.of());
        var directories = new ArrayList<Path>();
        try (Stream<Path> entries = Files.list(parent)) {
            entries.filter(Files::isDirectory).sorted().forEach(directories::add);
        }
        for (var directory : directories) {
            if (synced.contains(directory.getFileName().toString()) || random.nextInt(4) > 0) {
                loseDirectories(directory);
            } else {
                delete(directory);
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> tree = Files.walk(directory)) {
            for (var path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private synchronized byte[] survivor(Path segment) throws IOException {
        var now = Files.readAllBytes(segment);
        var old = synced.getOrDefault(segment, new byte[0]);
        if (random.nextInt(3) == 0) {
            return now;
        }
        var size = old.length >= now.length ? now.length : old.length + random.nextInt(now.length - old.length + 1);
        var survivor = new byte[size];
        for (int at = 0; at < size; at += PAGE_BYTES) {
            var from = random.nextBoolean() ? now : old;
            var length = Math.min(Math.min(PAGE_BYTES, size - at), from.length - at);
            if (length > 0) {
                System.arraycopy(from, at, survivor, at, length);
            }
        }
        return survivor;
    }

    /** The directories of the timelines that there are, in the data directory. */
    public Set<Path> timelines() throws IOException {
        var data = root.resolve("data");
        try (Stream<Path> tree = Files.walk(data.resolve("containers"))) {
            return tree.filter(path -> path.endsWith("timeline"))
                    .map(data::relativize)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** How far each timeline reaches that a recovery would find now, on a copy: the last sequence by directory. */
    public Map<Path, Long> recoverable(Path scratch, TimelineConfig config) throws IOException {
        var found = new HashMap<Path, Long>();
        var number = 0;
        for (var name : timelines()) {
            var timeline = root.resolve("data").resolve(name);
            var copy = Files.createDirectories(scratch.resolve("copy" + number++));
            try (Stream<Path> files = Files.list(timeline)) {
                for (var file : files.toList()) {
                    Files.copy(file, copy.resolve(file.getFileName().toString()));
                }
            }
            try (var opened = Timeline.open(copy, config, bootId)) {
                found.put(name, opened.lastSequence());
            }
        }
        return found;
    }

    private static final class AllDisks implements Disk.Watcher {
        @Override
        public void enter(Disk.Call call, Path path) throws IOException {
            var disk = diskOf(path);
            if (disk != null) {
                disk.enter(call, path);
            }
        }

        @Override
        public long enter(Disk.Call call, int descriptor, long position, long length) {
            var open = OPEN.get(descriptor);
            return open == null || open.server() == null
                    ? length
                    : open.disk().enter(open.server(), call, open.path(), position, length);
        }

        @Override
        public void opened(Path path, int descriptor) {
            var disk = diskOf(path);
            if (disk != null) {
                var server = disk.serverOf(path);
                OPEN.put(descriptor, new Open(disk, server, path));
                if (server != null) {
                    server.open.incrementAndGet();
                }
            }
        }

        @Override
        public void closing(int descriptor) {
            var open = OPEN.remove(descriptor);
            if (open != null && open.server() != null) {
                open.server().open.decrementAndGet();
            }
        }

        @Override
        public UUID bootId(Path directory) throws IOException {
            var disk = diskOf(directory);
            return disk == null ? Disk.realBootId() : disk.bootId;
        }

        private static SimulatedDisk diskOf(Path path) {
            for (var parent = path; parent != null; parent = parent.getParent()) {
                var disk = DISKS.get(parent);
                if (disk != null) {
                    return parent.equals(path) ? null : disk;
                }
            }
            return null;
        }
    }
}
