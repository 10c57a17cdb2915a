package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a container is called and has to keep to: what it was made with, and the amendments since, which stand in its timeline
 * beside it ({@link Journal#amend}).
 *
 * @param made the request that it was made of, by which a repeated one is known
 * @param request as it is now
 * @param spec what the runtime was told, as it is now
 */
record Terms(String name, NewContainer made, NewContainer request, ContainerSpec spec) {
    /** The attribute of a renaming that tells the name before it. */
    static final String OLD_NAME = "oldName";

    private static final String MEMORY = "memoryBytes";
    private static final String MEMORY_SWAP = "memorySwapBytes";
    private static final String CPU_TIME = "cpuNanos";
    private static final String CPU_SHARES = "cpuShares";
    private static final String CPUS = "cpus";
    private static final String PIDS = "pids";

    /** @param attributes the fold's. @throws EngineException INTERNAL if they are not those of a container */
    private static Terms of(String id, Map<String, String> attributes) {
        NewContainer made = Json.read(attributes.getOrDefault(LifecycleEntry.REQUEST, ""), NewContainer.class);
        ContainerSpec spec = Json.read(attributes.getOrDefault(LifecycleEntry.SPEC, ""), ContainerSpec.class);
        String name = attributes.getOrDefault(LifecycleEntry.NAME, id);
        String restart = attributes.get(LifecycleEntry.RESTART);
        Limits limits = limits(attributes, made.limits());
        return new Terms(
                name,
                made,
                made.amended(
                        attributes.containsKey(OLD_NAME) ? name : made.name(),
                        limits,
                        restart == null ? made.restart() : RestartPolicy.parse(restart)),
                spec.withLimits(limits));
    }

    private static Limits limits(Map<String, String> attributes, Limits made) {
        return new Limits(
                number(attributes, MEMORY, made.memoryBytes()),
                number(attributes, MEMORY_SWAP, made.memorySwapBytes()),
                number(attributes, CPU_TIME, made.cpuNanos()),
                number(attributes, CPU_SHARES, made.cpuShares()),
                attributes.getOrDefault(CPUS, made.cpus()),
                number(attributes, PIDS, made.pids()));
    }

    private static long number(Map<String, String> attributes, String name, long made) {
        String amended = attributes.get(name);
        return amended == null ? made : Long.parseLong(amended);
    }

    /** An update, as a record of a timeline has it. */
    static Map<String, String> attributes(ContainerUpdate update) {
        Map<String, String> attributes = new HashMap<>();
        put(attributes, MEMORY, update.memoryBytes());
        put(attributes, MEMORY_SWAP, update.memorySwapBytes());
        put(attributes, CPU_TIME, update.cpuNanos());
        put(attributes, CPU_SHARES, update.cpuShares());
        put(attributes, CPUS, update.cpus());
        put(attributes, PIDS, update.pids());
        RestartPolicy restart = update.restart();
        put(attributes, LifecycleEntry.RESTART, restart == null ? null : restart.text());
        return attributes;
    }

    private static void put(Map<String, String> attributes, String name, @Nullable Object value) {
        if (value != null) {
            attributes.put(name, value.toString());
        }
    }

    /** Those of one container now: read from its timeline's fold once, and again after each amendment. Thread-safe. */
    static final class Reader {
        private final Journal journal;
        private final String id;
        private volatile Read latest;

        /** @throws EngineException INTERNAL if they cannot be read */
        Reader(Journal journal, String id) {
            this.journal = journal;
            this.id = id;
            latest = read(journal.fold().made());
        }

        private record Read(Map<String, String> attributes, Terms terms) {}

        private Read read(Map<String, String> attributes) {
            return new Read(attributes, of(id, attributes));
        }

        Terms get() {
            Map<String, String> attributes = journal.fold().made();
            Read read = latest;
            // The fold hands one and the same map on until there is an amendment, which costs no comparison.
            if (!read.attributes().equals(attributes)) {
                read = read(attributes);
                latest = read;
            }
            return read.terms();
        }
    }
}
