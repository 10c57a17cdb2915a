package io.tailrace.engine;

import io.tailrace.log.StdStream;
import io.tailrace.runtime.conformance.ScriptedProcess;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The processes of a simulated machine, and what they are told to do. Thread-safe, but for the chance it is given. */
final class SimulatedProcesses {
    private static final int[] SIZES = {1, 17, 4_056, 4_096, 20_000, 60_000, 65_535, 65_536, 65_537, 140_000};

    private final long seed;
    private final Map<String, List<SimulatedProcess>> processes = new ConcurrentHashMap<>();
    private final Set<String> lostContainers = ConcurrentHashMap.newKeySet();
    private final AtomicInteger numbers = new AtomicInteger();

    SimulatedProcesses(long seed) {
        this.seed = seed;
    }

    /** The script of all: does what it is told. */
    int act(ScriptedProcess scripted) throws IOException, InterruptedException {
        String exec = scripted.arguments().get(1);
        String timeline = scripted.container().id() + (exec.equals("init") ? "" : "/" + exec);
        int number = numbers.incrementAndGet();
        SimulatedProcess process = new SimulatedProcess(timeline, number, scripted);
        List<SimulatedProcess> runs = processes.computeIfAbsent(timeline, id -> new CopyOnWriteArrayList<>());
        Random own = new Random(seed * 31 + timeline.hashCode() * 17L + runs.size());
        if (lostContainers.contains(scripted.container().id())) {
            process.losePipe();
        }
        runs.add(process);
        if (own.nextInt(4) == 0) {
            process.ignoreTermination();
        }
        for (int writes = own.nextInt(3); writes > 0; writes--) {
            process.tell(write(own));
        }
        if (own.nextInt(3) == 0) {
            process.tell(new SimulatedProcess.Step.Exit(own.nextInt(120)));
        }
        return process.run();
    }

    /** A write of some size. */
    static SimulatedProcess.Step write(Random random) {
        int size = SIZES[random.nextInt(SIZES.length)];
        return new SimulatedProcess.Step.Write(random.nextInt(3) > 0 ? StdStream.STDOUT : StdStream.STDERR, size);
    }

    /** The runs of a timeline, in the order of their starts. */
    List<SimulatedProcess> runs(String timelineId) {
        return processes.getOrDefault(timelineId, List.of()).stream()
                .sorted(Comparator.comparingLong(SimulatedProcess::id))
                .toList();
    }

    /** One that has not ended; null if there is none. */
    @Nullable SimulatedProcess any(Random random) {
        List<SimulatedProcess> live = processes.keySet().stream()
                .sorted()
                .map(this::runs)
                .filter(runs -> !runs.isEmpty())
                .map(List::getLast)
                .filter(process -> process.ended().isEmpty())
                .toList();
        return live.isEmpty() ? null : live.get(random.nextInt(live.size()));
    }

    /** A container goes down with what is in its pipes. */
    void lose(String containerId) {
        lostContainers.add(containerId);
        processes
                .values()
                .forEach(runs -> runs.stream()
                        .filter(process -> process.timelineId().startsWith(containerId))
                        .forEach(SimulatedProcess::losePipe));
    }

    /** The machine goes down with all that is in pipes. */
    void losePipes() {
        processes.values().forEach(runs -> runs.forEach(SimulatedProcess::losePipe));
    }
}
