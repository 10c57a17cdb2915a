package io.tailrace.engine;

import io.tailrace.log.SimulatedDisk;
import io.tailrace.log.SimulatedDisk.Fault;
import io.tailrace.log.TimelineConfig;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.conformance.ScriptedMachine;
import io.tailrace.runtime.conformance.ScriptedMachine.Call;
import io.tailrace.runtime.conformance.ScriptedRuntime;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One history of a machine: servers come, are killed and closed, the disk fills, fails and is mended, the power is cut;
 * containers run, write and end, also while no server does; readers come and go. At the end all is mended, and every
 * timeline must tell exactly what happened.
 *
 * <p>The seed decides the steps, the bytes and the faults; which of two threads is first it does not.
 */
final class Simulation implements AutoCloseable {
    private static final int CONTAINERS_MAX = 4;
    private static final int COMMANDS_MAX = 4;
    private static final int CLEARING_STARTS = 4;
    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration RETENTION = Duration.ofMinutes(5);
    /** How much simulated time passes while nobody does anything for a millisecond. */
    private static final Duration IDLE_STEP = Duration.ofMillis(500);

    /** A millisecond that takes so long is one of a busy machine, on which others may not have come to their turn. */
    private static final long BUSY_NANOS = 3_000_000;

    private static final int QUIET_MOMENTS = 3;

    /** How long a capture that is about to take what an ended process left is waited for. */
    private static final long DRAIN_NANOS_MAX = Duration.ofSeconds(5).toNanos();

    private static final long WAIT_NANOS_MAX = Duration.ofSeconds(60).toNanos();

    /** So often time is let pass for what heals by itself: many more than it takes on a machine that has nothing else to do. */
    private static final int PATIENCE = 200;

    private final long seed;
    private final boolean isCalm;
    private final Random random;
    private final Path root;
    private final boolean hasFifos;
    private final TimelineConfig.Fsync fsync;
    private final long timelineBytesMax;
    private final SimulatedDisk disk;
    private final SimulatedTime time = new SimulatedTime();
    private final List<String> story = new CopyOnWriteArrayList<>();
    private final Map<String, SeenTimeline> seen = new ConcurrentHashMap<>();
    private final SimulatedProcesses processes;
    private final Set<String> powerLost = ConcurrentHashMap.newKeySet();
    private final List<String> containers = new ArrayList<>();
    private final List<SimulatedCommand> commands = new ArrayList<>();
    private final List<SimulatedReader> readers = new ArrayList<>();
    private final List<Thread> readerThreads = new ArrayList<>();
    private final AtomicLong bytes = new AtomicLong();
    private final SimulatedRestarts restarts = new SimulatedRestarts();
    private int restartsSeen;
    private SimulatedFeedReader feedReader = new SimulatedFeedReader(this);
    private ScriptedRuntime runtime;
    private int server;
    /** How far somebody set the clock back, all in all. */
    private Duration setBack = Duration.ZERO;

    private boolean hadFaults;
    private boolean hadFaultsEver;
    private boolean hadPowerCut;
    private volatile @Nullable Engine engine;
    private volatile @Nullable Throwable failure;

    /** @param isCalm whether only servers fail, and neither disk, runtime nor power */
    Simulation(Path parent, long seed, boolean isCalm) throws IOException {
        this.seed = seed;
        this.isCalm = isCalm;
        random = new Random(seed);
        processes = new SimulatedProcesses(seed);
        root = Files.createDirectories(parent.resolve("h" + seed));
        hasFifos = random.nextInt(5) > 0;
        fsync = List.of(TimelineConfig.Fsync.values()).get(random.nextInt(3));
        timelineBytesMax = random.nextInt(3) == 0 ? 200_000 : 1L << 30;
        disk = SimulatedDisk.make(root, seed);
        runtime = hasFifos ? ScriptedRuntime.openWithFifos(root.resolve("fifos")) : ScriptedRuntime.open();
        machine().clock(time.clock()).script("act", processes::act);
        story.add("%s, fsync %s, at most %d bytes".formatted(hasFifos ? "FIFOs" : "memory", fsync, timelineBytesMax));
    }

    private ScriptedMachine machine() {
        return runtime.machine();
    }

    /** Bytes that were compared. */
    long bytes() {
        return bytes.get();
    }

    /** Restarts by policy that were held against it. */
    int restartsSeen() {
        return restartsSeen;
    }

    SimulatedRestarts restarts() {
        return restarts;
    }

    /** Runs it. */
    void run(int steps) {
        try {
            startServer();
            startReaders();
            for (int step = 0; step < steps && failure == null; step++) {
                act();
            }
            end();
            checkFailure();
        } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
            Throwable first = failure == null ? e : failure;
            throw new AssertionError(
                    "-Dtailrace.seed=%d%n%s%n%s".formatted(seed, String.join("\n", story), first), first);
        }
    }

    private void checkFailure() {
        Throwable known = failure;
        if (known != null) {
            throw new AssertionError(known);
        }
    }

    void failed(String who, Throwable e) {
        if (failure == null) {
            failure = new AssertionError(who, e);
        }
    }

    SeenTimeline seen(String timelineId) {
        return seen.computeIfAbsent(timelineId, SeenTimeline::new);
    }

    Collection<SeenTimeline> seen() {
        return seen.values();
    }

    @Nullable Engine engineOrNull() {
        return engine;
    }

    @Nullable ContainerProcess processOrNull(String timelineId) {
        Engine current = engine;
        try {
            int slash = timelineId.indexOf('/');
            return current == null
                    ? null
                    : slash < 0
                            ? current.container(timelineId).process()
                            : current.container(timelineId.substring(0, slash)).exec(timelineId.substring(slash + 1));
        } catch (EngineException e) {
            return null;
        }
    }

    /** @param of the server that was read from, which may have been killed and followed by another meanwhile */
    void checkReadFailure(EngineException e, @Nullable Engine of) {
        boolean isAllowed = switch (e.code()) {
            case NOT_FOUND, UNAVAILABLE -> true;
            case INTERNAL -> hadFaults || isServerDead() || !Objects.equals(of, engine);
            // Out of file descriptors the server may refuse a reader that needs a new one (promise 7).
            case RESOURCE_EXHAUSTED -> hadFaults;
            default -> false;
        };
        if (!isAllowed) {
            throw e;
        }
    }

    private boolean isServerDead() {
        return engine == null || disk.isDead(server);
    }

    // Servers

    private EngineConfig config(Path directory) {
        return new EngineConfig(
                directory,
                RETENTION,
                Duration.ofSeconds(10),
                DRAIN_TIMEOUT,
                timelineBytesMax,
                64 << 10,
                OnFullDisk.WAIT,
                fsync,
                100,
                20,
                1_000,
                TestEngine.OFF);
    }

    private void startServer() throws IOException {
        ScriptedRuntime mine = server == 0 ? runtime : runtime.reopen();
        runtime = mine;
        server++;
        hadFaults = disk.fault() != Fault.NONE;
        Path directory = disk.directoryOfServer(server, mine::close);
        if (hasFifos && random.nextInt(8) == 0) {
            disk.kill(server, 1 + random.nextInt(40));
        }
        try {
            engine = Engine.open(config(directory), mine, time.ofServer());
            story.add("server " + server);
            noteUnopened(engine);
        } catch (EngineException e) {
            boolean isExplained = hadFaults || disk.isDead(server);
            mine.close();
            story.add("server %d did not start: %s".formatted(server, e.getMessage()));
            if (!isExplained) {
                throw e;
            }
            checkNothingIsLeft();
        }
    }

    /** An exec whose timeline waits for the disk is not looked after: its container may end, and take it along. */
    private void noteUnopened(Engine started) {
        for (String problem : started.problems()) {
            int colon = problem.indexOf(':');
            String id = colon < 0 ? "" : problem.substring(0, colon);
            if (id.contains("/") && problem.startsWith(": its timeline cannot be opened", colon)) {
                story.add("not opened: " + id);
                seen(id).setUnopened();
            }
        }
    }

    /** Closes it, or what is left of it when it was killed. */
    private void stopServer() throws InterruptedException {
        Engine old = engine;
        if (old == null) {
            return;
        }
        engine = null;
        old.close();
        runtime.close();
        for (SimulatedCommand command : commands) {
            await("the end of " + command, command::isDone);
        }
        commands.clear();
        checkNothingIsLeft();
    }

    private void checkNothingIsLeft() {
        int number = server;
        try {
            await("closed files", () -> disk.openFiles(number) == 0);
        } catch (AssertionError e) {
            throw new AssertionError("left open: " + disk.openFileNames(number), e);
        }
    }

    private void cutPower() throws IOException, InterruptedException {
        disk.fail(Fault.NONE);
        disk.kill(server, 0);
        stopServer();
        stopReaders();
        for (String id : machine().containerIds()) {
            processes.lose(id);
            machine().lose(id);
        }
        processes.losePipes();
        Set<Path> before = disk.timelines();
        disk.cutPower();
        hadPowerCut = true;
        Path scratch = Files.createDirectories(root.resolve("copies" + server));
        Map<Path, Long> recoverable = disk.recoverable(scratch, TimelineConfig.defaults());
        for (SeenTimeline timeline : seen.values()) {
            Path path = Path.of("containers")
                    .resolve(timeline.id().contains("/") ? timeline.id().replace("/", "/execs/") : timeline.id())
                    .resolve("timeline");
            Path ofContainer = path.getName(0).resolve(path.getName(1)).resolve("timeline");
            Long last = recoverable.getOrDefault(ofContainer, 0L) == 0 ? null : recoverable.get(path);
            // One that was there cannot be gone; another one its retention had ended.
            long reaches =
                    last != null ? last : before.contains(path) && before.contains(ofContainer) ? 0 : Long.MAX_VALUE;
            checkWhatIsGone(timeline, timeline.forgetAfter(last == null ? 0 : last), reaches);
            powerLost.add(timeline.id());
        }
        feedReader = new SimulatedFeedReader(this);
        startReaders();
    }

    private void checkWhatIsGone(SeenTimeline timeline, List<TimelineRecord> gone, long reaches) {
        for (TimelineRecord record : gone) {
            // What a disk that fails has not synced may have left its pipe, and counts then.
            boolean isSynced = !hadFaultsEver
                    && (fsync == TimelineConfig.Fsync.ALWAYS
                            || (fsync == TimelineConfig.Fsync.LIFECYCLE && !(record instanceof TimelineRecord.Output)));
            if (isSynced && record.sequence() > reaches) {
                throw new AssertionError("with fsync %s a power cut took of %s from %d on: %s"
                        .formatted(fsync, timeline.id(), reaches + 1, record));
            }
        }
    }

    // Readers

    private void startReaders() {
        readerThreads.add(Thread.startVirtualThread(feedReader));
        for (String id : seen.keySet()) {
            startReader(id, true);
        }
    }

    private void startReader(String timelineId, boolean isFaithful) {
        SimulatedReader reader = new SimulatedReader(this, seen(timelineId), timelineId, isFaithful, random.nextLong());
        readers.add(reader);
        readerThreads.add(Thread.startVirtualThread(reader));
    }

    private void stopReaders() throws InterruptedException {
        feedReader.stop();
        readers.forEach(SimulatedReader::stop);
        for (Thread thread : readerThreads) {
            if (!thread.join(Duration.ofNanos(WAIT_NANOS_MAX))) {
                throw new AssertionError("a reader does not end");
            }
        }
        readers.clear();
        readerThreads.clear();
    }

    // Steps

    private void act() throws IOException, InterruptedException {
        if (engine == null) {
            actWithoutServer();
            return;
        }
        if (disk.isDead(server)) {
            story.add("server %d was killed".formatted(server));
            stopServer();
            return;
        }
        int choice = random.nextInt(100);
        if (choice < 40) {
            command();
        } else if (choice < 70) {
            actInProcess();
        } else if (choice < 76) {
            if (!seen.isEmpty() && readers.size() < 16) {
                List<String> ids = seen.keySet().stream().sorted().toList();
                startReader(ids.get(random.nextInt(ids.size())), false);
            }
        } else if (choice < 82) {
            Duration passing = Duration.ofMillis((long) Math.pow(10, 1 + 5 * random.nextDouble()));
            story.add("pass " + passing);
            awaitQuiet();
            time.pass(passing);
        } else if (choice < 86) {
            crash();
        } else if (choice < 90 && !isCalm) {
            fault();
        } else if (choice < 93 && !isCalm) {
            misfortune();
        } else {
            settle(() -> false, 3);
        }
    }

    private void actWithoutServer() throws IOException, InterruptedException {
        if (random.nextInt(3) > 0) {
            startServer();
        } else if (random.nextInt(4) == 0) {
            Duration difference = Duration.ofSeconds(random.nextInt(7_200) - 3_600);
            story.add("the clock is set by " + difference);
            setBack = setBack.minus(difference.isNegative() ? difference : Duration.ZERO);
            time.set(difference);
            restarts.clockWasSet();
        } else {
            actInProcess();
        }
    }

    private void crash() throws IOException, InterruptedException {
        int choice = random.nextInt(10);
        // What a channel handed over is in the memory of the server that took it: it must end in order.
        if (choice < 3 || !hasFifos) {
            if (!hasFifos) {
                disk.fail(Fault.NONE);
                settle(this::areCommandsDone, 60);
            }
            story.add("close");
            stopServer();
        } else if (choice < 8 || isCalm) {
            int calls = random.nextInt(60);
            story.add("kill after %d calls".formatted(calls));
            disk.kill(server, calls);
        } else {
            story.add("the power is cut");
            cutPower();
        }
    }

    private boolean areCommandsDone() {
        return commands.stream().allMatch(SimulatedCommand::isDone);
    }

    private void fault() {
        Fault next = disk.fault() != Fault.NONE
                ? Fault.NONE
                : List.of(Fault.FULL, Fault.FAILING, Fault.TOO_MANY_FILES).get(random.nextInt(3));
        story.add("disk: " + next);
        hadFaults |= next != Fault.NONE;
        hadFaultsEver |= next != Fault.NONE;
        disk.fail(next);
    }

    private void misfortune() {
        if (random.nextInt(3) == 0 && !containers.isEmpty()) {
            String id = containers.get(random.nextInt(containers.size()));
            story.add("lose " + id.substring(0, 6));
            processes.lose(id);
            machine().lose(id);
        } else {
            Call call = List.of(Call.values()).get(random.nextInt(Call.values().length));
            story.add("fail next " + call);
            machine().failNext(call, ContainerRuntimeException.Code.INTERNAL);
            hadFaultsEver = true;
        }
    }

    private void actInProcess() {
        SimulatedProcess process = processes.any(random);
        if (process == null) {
            return;
        }
        int choice = random.nextInt(20);
        if (choice < 14) {
            SimulatedProcess.Step step = SimulatedProcesses.write(random);
            story.add("%s: %s".formatted(process, step));
            process.tell(step);
        } else if (choice < 18) {
            SimulatedProcess.Step step = new SimulatedProcess.Step.Exit(random.nextInt(120));
            story.add("%s: %s".formatted(process, step));
            process.tell(step);
        } else if (!process.isOutputHeld()) {
            story.add("%s: somebody holds its output".formatted(process));
            process.holdOutput();
        } else {
            story.add("%s: nobody holds its output".formatted(process));
            process.releaseOutput();
        }
    }

    private void command() throws InterruptedException {
        commands.removeIf(SimulatedCommand::isDone);
        if (commands.size() >= COMMANDS_MAX) {
            settle(() -> false, 2);
            return;
        }
        Engine current = engine;
        if (current == null) {
            return;
        }
        List<Container> present = current.containers(false);
        int choice = random.nextInt(24);
        if (present.isEmpty() || (choice < 4 && present.size() < CONTAINERS_MAX)) {
            create(current);
            return;
        }
        Container container = present.stream()
                .sorted(Comparator.comparing(Container::id))
                .toList()
                .get(random.nextInt(present.size()));
        Duration grace = random.nextBoolean() ? null : Duration.ofSeconds(random.nextInt(20));
        switch (choice) {
            case 4, 5, 6, 7, 8, 9, 10 -> start(container, "start", container::start);
            case 11, 12 -> command(container, "stop " + grace, () -> container.stop(grace));
            case 13 -> start(container, "restart " + grace, () -> container.restart(grace));
            case 14 -> command(container, "pause", container::pause);
            case 15 -> command(container, "resume", container::resume);
            case 16 -> command(container, "remove", () -> container.remove(false));
            case 17 -> command(container, "remove by force", () -> container.remove(true));
            case 18, 19 -> {
                Signal signal = Signal.of(List.of(1, 2, 9, 10, 15).get(random.nextInt(5)));
                command(container, signal.name(), () -> container.process().signal(signal));
            }
            default -> exec(container);
        }
    }

    private void create(Engine current) throws InterruptedException {
        byte[] name = new byte[32];
        random.nextBytes(name);
        String id = HexFormat.of().formatHex(name);
        Request request = new Request("act", "init").id(id);
        if (random.nextInt(5) == 0) {
            request.timeout(Duration.ofSeconds(1 + random.nextInt(60)));
        }
        if (random.nextInt(6) == 0) {
            request.autoRemove();
        } else if (random.nextInt(2) == 0) {
            RestartPolicy.Kind kind = List.of(RestartPolicy.Kind.values()).get(1 + random.nextInt(3));
            boolean isCounted = kind == RestartPolicy.Kind.ON_FAILURE;
            RestartPolicy policy = new RestartPolicy(kind, isCounted ? random.nextInt(4) : 0);
            request.restart(kind, policy.retriesMax());
            restarts.asked(id, policy);
        }
        containers.add(id);
        startReader(id, true);
        command(id, "create", () -> current.create(request.build()));
    }

    private void exec(Container container) throws InterruptedException {
        String id = "e" + random.nextInt(1_000_000);
        startReader(container.id() + "/" + id, true);
        command(container, "exec " + id, () -> container.exec(TestEngine.newExec(id, "act", id)));
    }

    /** A command that starts it, or has it started earlier than it would be by itself. */
    private void start(Container container, String what, Runnable command) throws InterruptedException {
        command(container.id(), what, restarts.byClient(container.id(), time, command));
    }

    private void command(Container container, String what, Runnable command) throws InterruptedException {
        command(container.id(), what, command);
    }

    private void command(String id, String what, Runnable action) throws InterruptedException {
        SimulatedCommand command = begin(id, what, action);
        settle(command::isDone, random.nextInt(4) == 0 ? 0 : 30);
    }

    private SimulatedCommand begin(String id, String what, Runnable action) {
        int mine = server;
        SimulatedCommand command = new SimulatedCommand(
                "%s %s".formatted(what, id.substring(0, 6)),
                action,
                story::add,
                e -> hadFaultsEver || mine != server || isServerDead(),
                e -> failed("command " + what, e));
        commands.add(command);
        return command;
    }

    // Waiting

    /** Lets time pass while nobody does anything, until a condition is met or for so many idle moments. */
    private void settle(BooleanSupplier condition, int idleMomentsMax) throws InterruptedException {
        long begun = System.nanoTime();
        long deadline = begun + WAIT_NANOS_MAX;
        long calls = disk.calls();
        for (int idleMoments = 0; !condition.getAsBoolean() && idleMoments < idleMomentsMax; ) {
            long before = System.nanoTime();
            Thread.sleep(1);
            long now = System.nanoTime();
            // On a busy machine a moment in which nothing happened proves nothing.
            boolean isIdle = calls == disk.calls()
                    && now - before < BUSY_NANOS
                    && (!isEnding() || now - begun > DRAIN_NANOS_MAX);
            calls = disk.calls();
            if (isIdle) {
                idleMoments++;
                time.pass(IDLE_STEP);
            }
            if (now > deadline) {
                return;
            }
        }
    }

    /** Waits until nobody does anything, so that time does not pass for those who are about to. */
    private void awaitQuiet() throws InterruptedException {
        long begun = System.nanoTime();
        long calls = -1;
        for (int quietMoments = 0; quietMoments < QUIET_MOMENTS; ) {
            long before = System.nanoTime();
            Thread.sleep(1);
            long now = System.nanoTime();
            boolean isQuiet = calls == disk.calls()
                    && now - before < BUSY_NANOS
                    && (!isEnding() || now - begun > DRAIN_NANOS_MAX);
            quietMoments = isQuiet ? quietMoments + 1 : 0;
            calls = disk.calls();
        }
    }

    /**
     * Whether a process has ended that is taken for running yet, or a capture is taking what an ended one left, and either
     * waits for nothing but its turn on a processor: if time passed now, that would be time in which it was given none.
     */
    private boolean isEnding() {
        Engine current = engine;
        return current != null
                && !isServerDead()
                && current.containers(true).stream()
                        .flatMap(container -> Stream.concat(Stream.of(container.process()), container.execs().stream()))
                        .anyMatch(this::isEnding);
    }

    private boolean isEnding(ContainerProcess process) {
        List<SimulatedProcess> runs = processes.runs(process.timelineId());
        boolean isHeld = runs.stream().anyMatch(SimulatedProcess::isOutputHeld);
        return switch (process.status().state()) {
            case DRAINING -> process.problem().isEmpty() && !isHeld;
            case RUNNING ->
                process.problem().isEmpty()
                        && !runs.isEmpty()
                        && runs.getLast().ended().isPresent();
            default -> false;
        };
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + WAIT_NANOS_MAX;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("no " + what);
            }
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }

    /** As {@link #await}, and time passes as well. */
    private void awaitPassing(String what, BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < PATIENCE && !condition.getAsBoolean() && failure == null; i++) {
            settle(condition, 100);
        }
        checkFailure();
        if (!condition.getAsBoolean()) {
            throw new AssertionError("no " + what);
        }
    }

    // The end

    private void end() throws IOException, InterruptedException {
        checkFailure();
        disk.fail(Fault.NONE);
        for (Call call : Call.values()) {
            machine().beforeNext(call, () -> {});
        }
        // First that it is not killed any more, then whether it was: a kill may be due with the very next call.
        disk.kill(server, Long.MAX_VALUE);
        while (engine == null || disk.isDead(server)) {
            stopServer();
            startServer();
            disk.kill(server, Long.MAX_VALUE);
        }
        story.add("the end begins");
        Engine last = Objects.requireNonNull(engine);
        awaitPassing("end of " + commands, this::areCommandsDone);
        awaitHealthy("adoption", last);
        awaitRestarts(last);
        endProcesses(last);
        awaitPassing("end of " + commands, this::areCommandsDone);
        awaitHealthy("the end", last);
        SimulationChecks checks = new SimulationChecks(this, processes, feedReader, powerLost);
        for (Container container : last.containers(true)) {
            checks.check(container.process());
            container.execs().forEach(checks::check);
        }
        checks.checkFeed(last);
        bytes.addAndGet(checks.bytes());
        restartsSeen = checks.restarts();
        checkFailure();
        clear(last);
    }

    private void awaitHealthy(String when, Engine last) throws InterruptedException {
        try {
            awaitPassing("health", () -> unexplained(last).isEmpty());
        } catch (AssertionError e) {
            throw new AssertionError("problems after %s: %s".formatted(when, unexplained(last)), e);
        }
    }

    /** What should have healed by itself. */
    private List<String> unexplained(Engine last) {
        return last.problems().stream()
                .filter(problem -> !isDamagedBegin(problem) && !isKeptForNextStart(problem))
                .toList();
    }

    /** A timeline whose first records a power cut took is left as it is, and the problems name it (promise 6). */
    private boolean isDamagedBegin(String problem) {
        return hadPowerCut && problem.contains(": its timeline cannot be opened: it is damaged: ");
    }

    /** Only the next start tells an init process that the runtime did not forget from one that is to run. */
    private static boolean isKeptForNextStart(String problem) {
        return problem.contains(": the runtime keeps an ended process of it: ")
                && !problem.substring(0, problem.indexOf(':')).contains("/");
    }

    /** What is due comes, without anybody's doing. */
    private void awaitRestarts(Engine last) throws InterruptedException {
        for (Container container : last.containers(false)) {
            long number = container.status().restarts();
            awaitPassing(
                    "restart of " + container.id() + ", " + container.status(),
                    () -> container.status().state() != ContainerState.RESTARTING
                            || container.status().restarts() != number);
        }
    }

    private void endProcesses(Engine last) throws InterruptedException {
        for (Container container : last.containers(false)) {
            String id = container.id();
            for (Exec exec : container.execs()) {
                processes.runs(exec.timelineId()).forEach(run -> run.tell(new SimulatedProcess.Step.Exit(0)));
            }
            awaitPassing("end of the run of " + id + ", " + container.status(), () -> {
                if (container.status().state() == ContainerState.PAUSED) {
                    try {
                        container.resume();
                    } catch (EngineException e) {
                        story.add("not resumed: " + e.getMessage());
                    }
                }
                processes.runs(id).forEach(run -> run.tell(new SimulatedProcess.Step.Exit(0)));
                processes.runs(id).stream()
                        .filter(SimulatedProcess::isOutputHeld)
                        .forEach(SimulatedProcess::releaseOutput);
                ContainerState state = container.status().state();
                if (state == ContainerState.RESTARTING && areCommandsDone()) {
                    begin(id, "stop for good", () -> container.stop(Duration.ZERO));
                }
                return state == ContainerState.CREATED || state.isDone();
            });
            for (Exec exec : container.execs()) {
                processes.runs(exec.timelineId()).stream()
                        .filter(SimulatedProcess::isOutputHeld)
                        .forEach(SimulatedProcess::releaseOutput);
                awaitPassing(
                        "end of the exec %s, %s".formatted(exec.timelineId(), exec.status()),
                        // One that could not begin to start is deleted once that can be done.
                        () -> exec.status().state().isDone() || processOrNull(exec.timelineId()) == null);
            }
        }
    }

    /** Removes all; what a failure left behind goes with one of the next starts. */
    private void clear(Engine last) throws IOException, InterruptedException {
        for (Container container : last.containers(false)) {
            container.remove(true);
        }
        time.pass(RETENTION
                .multipliedBy(2)
                .plus(setBack)); // what was removed before the clock was set back stays as much longer
        stopReaders();
        List<String> left = List.of("not looked yet");
        for (int starts = 0; starts < CLEARING_STARTS && !left.isEmpty(); starts++) {
            while (engine == null || disk.isDead(server)) {
                stopServer();
                startServer();
                disk.kill(server, Long.MAX_VALUE);
            }
            Engine current = Objects.requireNonNull(engine);
            awaitPassing("end of retention, " + current.containers(true), () -> {
                current.sweep();
                return current.containers(true).isEmpty();
            });
            List<String> damaged = current.problems().stream()
                    .filter(this::isDamagedBegin)
                    .map(problem -> "data/containers/" + problem.substring(0, problem.indexOf(':')))
                    .toList();
            stopServer();
            left = left();
            left.removeAll(damaged);
            if (damaged.stream()
                    .anyMatch(directory ->
                            !directory.substring("data/containers/".length()).contains("/"))) {
                // Whose they are only that timeline could tell, and its container is left alone (promise 6).
                left.removeAll(machine().containerIds());
            }
        }
        if (!left.isEmpty()) {
            throw new AssertionError("left behind: " + left);
        }
    }

    private List<String> left() throws IOException {
        List<String> left = new ArrayList<>(machine().containerIds());
        for (String directory : List.of("data/containers", "data/deleted", "fifos")) {
            if (Files.exists(root.resolve(directory))) {
                try (Stream<Path> entries = Files.list(root.resolve(directory))) {
                    entries.forEach(entry -> left.add(root.relativize(entry).toString()));
                }
            }
        }
        return left;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        stopReaders();
        disk.kill(server, 0);
        Engine left = engine;
        engine = null;
        if (left != null) {
            left.close();
        }
        machine().containerIds().forEach(machine()::lose);
        disk.close();
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
