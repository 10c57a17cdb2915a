package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ForeignContainer;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeContainer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gives containers that others made their timelines. What the records of such a one ask for is nothing that this engine would do
 * by itself: no restart, no health check, no removal. Thread-safe.
 */
final class ForeignAdoption {
    private static final int SHORT_ID_DIGITS = 12;

    private final EngineContext context;
    private final Registry registry;

    ForeignAdoption(EngineContext context, Registry registry) {
        this.context = context;
        this.registry = registry;
    }

    /**
     * Adopts one that has no timeline.
     *
     * @return null if it has one by now
     * @throws EngineException RESOURCE_EXHAUSTED; as the runtime says
     */
    @Nullable EngineContainer adopt(ForeignContainer found) {
        String id = found.id();
        String name = reserve(found);
        if (name == null) {
            return null;
        }
        try {
            RuntimeContainer present = RuntimeCalls.call(() -> context.runtime().recover(found.handle()));
            EngineContainer container = make(found, name, present);
            registry.add(container);
            if (context.isClosing().get()) {
                container.journal().closeAnyway();
            }
            return container;
        } catch (RuntimeException e) {
            registry.cancel(id, name);
            throw e;
        }
    }

    /** Its own name; with the beginning of its id behind it where one of ours has that. */
    private @Nullable String reserve(ForeignContainer found) {
        String own = found.name();
        try {
            return registry.reserve(found.id(), own) == null ? own : null;
        } catch (EngineException e) {
            if (e.code() != ErrorCode.ALREADY_EXISTS) {
                throw e;
            }
            String other = withId(found);
            return registry.reserve(found.id(), other) == null ? other : null;
        }
    }

    static String withId(ForeignContainer found) {
        return found.name() + "-" + found.id().substring(0, SHORT_ID_DIGITS);
    }

    private EngineContainer make(ForeignContainer found, String name, RuntimeContainer present) {
        String id = found.id();
        Journal journal = Journals.create(context, id, "", 0);
        try {
            journal.made(made(found, name));
            return new EngineContainer(context, id, journal, present, registry);
        } catch (RuntimeException e) {
            journal.closeAfter(e);
            context.data().deleteAfter(e, id, "");
            throw e;
        }
    }

    private static Map<String, String> made(ForeignContainer found, String name) {
        return new HashMap<>(Map.of(
                LifecycleEntry.FOREIGN,
                Boolean.toString(true),
                LifecycleEntry.NAME,
                name,
                LifecycleEntry.HANDLE,
                found.handle(),
                "image",
                found.image(),
                "imageId",
                found.spec().image(),
                "stopSignal",
                found.stopSignal(),
                LifecycleEntry.REQUEST,
                Json.write(request(found, name)),
                LifecycleEntry.SPEC,
                Json.write(found.spec())));
    }

    private static NewContainer request(ForeignContainer found, String name) {
        ContainerSpec spec = found.spec();
        ProcessSpec process = spec.process();
        return new NewContainer(
                found.id(),
                name,
                found.image(),
                null,
                process.arguments(),
                environment(process),
                process.workingDirectory(),
                process.user(),
                process.groups(),
                spec.hostname(),
                spec.network(),
                List.of(),
                ContainerSpec.Dns.DEFAULT,
                List.of(),
                List.of(),
                spec.isReadOnlyRoot(),
                spec.hasInit(),
                ContainerSpec.Limits.NONE,
                List.of(),
                spec.labels(),
                false,
                false,
                process.terminal(),
                process.isPrivileged(),
                process.addedCapabilities(),
                process.droppedCapabilities(),
                process.isNoNewPrivileges(),
                process.ulimits(),
                found.stopSignal(),
                found.stopGrace(),
                null,
                found.waitsForReader() ? OnFullDisk.DROP : OnFullDisk.WAIT,
                RestartPolicy.NO,
                false,
                null,
                null,
                0,
                null,
                "",
                List.of());
    }

    private static Map<String, String> environment(ProcessSpec process) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (String entry : process.environment()) {
            String[] parts = entry.split("=", 2);
            variables.put(parts[0], parts.length < 2 ? "" : parts[1]);
        }
        return variables;
    }
}
