package io.tailrace.engine;

import io.tailrace.log.Timeline;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment;
import io.tailrace.runtime.spi.Image;
import io.tailrace.runtime.spi.RuntimeContainer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes containers. The timeline's directory comes first, then volumes and the runtime's container, then the {@code created} record
 * with its handle: what is cut short in between is found at the next start, as a timeline without records or as a
 * container that no timeline knows, and cleaned up. Thread-safe.
 */
final class Creation {
    private static final Logger log = LoggerFactory.getLogger(Creation.class);
    /** Leaves room for the handle and the small attributes. */
    private static final int REQUEST_BYTES_MAX = Timeline.ATTRIBUTES_BYTES_MAX - (64 << 10);

    /** How long a name is waited for whose container is about to be removed. */
    private static final Duration REMOVAL_TIMEOUT = Duration.ofSeconds(10);

    private final EngineContext context;
    private final Registry registry;

    /** Journals of containers that are not in the registry yet. */
    private final Set<Journal> begun = ConcurrentHashMap.newKeySet();

    Creation(EngineContext context, Registry registry) {
        this.context = context;
        this.registry = registry;
    }

    EngineContainer create(NewContainer request) {
        Checks.container(request);
        context.config().hostAccess().check(request);
        String id = request.id().isEmpty() ? Names.id() : request.id();
        EngineContainer present = registry.get(id);
        if (present != null) {
            return sameOrThrow(present, request);
        }
        Image image = RuntimeCalls.call(() -> context.runtime().images().get(request.image()));
        ImagePlatform.check(request.platform(), image);
        String name = request.name().isEmpty() ? Names.container(id) : request.name();
        List<NetworkAttachment> networks = context.networks().resolve(request, name, id);
        ContainerSpec spec = ProcessDefaults.container(
                request, id, image, networks, context.volumes().areSupported());
        Map<String, String> made = made(request, spec, name, image);
        HealthPolicy health = HealthPolicy.of(request.healthCheck(), image.config());
        if (health != null) {
            made.put(LifecycleEntry.HEALTH_CHECK, Json.write(health));
        }
        awaitRemovalOf(registry.named(name));
        EngineContainer other = registry.reserve(id, name);
        if (other != null) {
            return sameOrThrow(other, request);
        }
        try (NetworkUses.Claim _ = context.networks().claim(id, networks);
                VolumeClaim volumes = context.volumes()
                        .claim(id, VolumeMounts.names(spec.mounts()), VolumeMounts.anonymous(request, spec))) {
            EngineContainer container = make(id, spec, made, volumes);
            registry.add(container);
            closeIfClosing(container.journal());
            return container;
        } catch (RuntimeException e) {
            registry.cancel(id, name);
            throw e;
        }
    }

    /** Who saw a container end that is removed at its end has its name for the next one. */
    private static void awaitRemovalOf(@Nullable EngineContainer owner) {
        if (owner == null || !owner.request().isAutoRemove()) {
            return;
        }
        try {
            owner.journal()
                    .await(
                            fold -> fold.state() != ContainerState.DRAINING && fold.state() != ContainerState.EXITED,
                            REMOVAL_TIMEOUT);
        } catch (InterruptedException e) {
            throw EngineProcess.interrupted(e);
        }
    }

    private static EngineContainer sameOrThrow(EngineContainer present, NewContainer request) {
        if (present.made().equals(request)) {
            return present;
        }
        throw new EngineException(
                ErrorCode.ALREADY_EXISTS,
                "container id: %s (expected: one that is not taken by another request)".formatted(present.id()));
    }

    private void closeIfClosing(Journal journal) {
        if (context.isClosing().get()) {
            journal.closeAnyway();
        }
    }

    private static Map<String, String> made(NewContainer request, ContainerSpec spec, String name, Image image) {
        String signal = request.stopSignal().isEmpty() ? image.config().stopSignal() : request.stopSignal();
        Map<String, String> made = new HashMap<>(Map.of(
                LifecycleEntry.NAME,
                name,
                "image",
                request.image(),
                "imageId",
                image.id(),
                "stopSignal",
                signal,
                LifecycleEntry.RESTART,
                request.restart().text(),
                LifecycleEntry.REQUEST,
                Json.write(request),
                LifecycleEntry.SPEC,
                Json.write(spec)));
        if (request.timelineBytesMax() != 0) {
            made.put(LifecycleEntry.TIMELINE_BYTES, Long.toString(request.timelineBytesMax()));
        }
        int bytes = made.values().stream()
                .mapToInt(value -> value.getBytes(StandardCharsets.UTF_8).length)
                .sum();
        Checks.check(bytes <= REQUEST_BYTES_MAX, "request bytes", bytes, "at most " + REQUEST_BYTES_MAX);
        return made;
    }

    private EngineContainer make(String id, ContainerSpec spec, Map<String, String> made, VolumeClaim volumes) {
        Journal journal =
                Journals.create(context, id, "", Long.parseLong(made.getOrDefault(LifecycleEntry.TIMELINE_BYTES, "0")));
        begun.add(journal);
        closeIfClosing(journal);
        RuntimeContainer inRuntime = null;
        try {
            volumes.make();
            inRuntime = RuntimeCalls.call(() -> context.runtime().create(spec));
            made.put(LifecycleEntry.HANDLE, inRuntime.handle());
            journal.made(made);
            return new EngineContainer(context, id, journal, inRuntime, registry);
        } catch (RuntimeException e) {
            if (inRuntime != null) {
                removeQuietly(inRuntime);
            }
            volumes.undo();
            journal.closeAfter(e);
            context.data().deleteAfter(e, id, "");
            throw e;
        } finally {
            begun.remove(journal);
        }
    }

    /** The journals of what is being made, to be closed to cut that short. */
    Set<Journal> begun() {
        return begun;
    }

    private static void removeQuietly(RuntimeContainer container) {
        try {
            container.remove();
        } catch (ContainerRuntimeException e) {
            log.warn("a container that could not be recorded was not removed either: {}", e.getMessage());
        }
    }
}
