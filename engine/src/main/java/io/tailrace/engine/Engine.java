package io.tailrace.engine;

import io.tailrace.log.TimelineConfig;
import io.tailrace.runtime.spi.ContainerRuntime;
import io.tailrace.runtime.spi.Image;
import io.tailrace.runtime.spi.Images;
import io.tailrace.runtime.spi.RuntimeInfo;
import java.io.InputStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All containers of one server. It keeps nothing but their timelines; what it knows beside them is derived from them.
 * Thread-safe.
 */
public final class Engine implements AutoCloseable {
    private final EngineContext context;
    private final Registry registry;
    private final UsedImages usedImages;
    private final Creation creation;
    private final Retention retention;
    private final Sampler sampler;
    private final ForeignWatch foreign;

    private Engine(EngineContext context, Registry registry) {
        this.context = context;
        this.registry = registry;
        usedImages = new UsedImages(context.runtime(), registry);
        creation = new Creation(context, registry);
        retention = new Retention(context, registry);
        sampler = new Sampler(context, registry);
        foreign = new ForeignWatch(context, registry);
    }

    /** Opens the data directory, folds all timelines, and adopts what still runs. The runtime stays the caller's. */
    public static Engine open(EngineConfig config, ContainerRuntime runtime) {
        return open(config, runtime, Clock.systemUTC());
    }

    /** As {@link #open(EngineConfig, ContainerRuntime)}, with a clock for timestamps and retention. */
    public static Engine open(EngineConfig config, ContainerRuntime runtime, Clock clock) {
        return open(config, runtime, new SystemTime(clock));
    }

    /** As {@link #open(EngineConfig, ContainerRuntime)}, in a time that the engine closes with itself. */
    static Engine open(EngineConfig config, ContainerRuntime runtime, Time time) {
        DataDirectory data;
        try {
            data = DataDirectory.open(config.dataDirectory(), config.fsync() != TimelineConfig.Fsync.NEVER);
        } catch (RuntimeException e) {
            time.close();
            throw e;
        }
        Registry registry = new Registry(config.containersMax());
        Problems problems = new Problems();
        EngineContext context = new EngineContext(
                config,
                runtime,
                time,
                data,
                new EngineVolumes(runtime, registry, problems),
                new EngineNetworks(runtime, registry, problems),
                new Feed(config.feedRecordsMax()),
                problems,
                new Background(time),
                new Semaphore(EngineContext.PROBES_AT_ONCE_MAX, true),
                new AtomicBoolean());
        Engine engine = new Engine(context, registry);
        try {
            engine.begin();
            return engine;
        } catch (RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    private void begin() {
        Adoption adoption = new Adoption(context, registry);
        adoption.run();
        context.background().repeat("retention", retention.period(), () -> {
            adoption.retry();
            retention.sweep();
        });
        sampler.begin();
        foreign.begin();
    }

    /** Deletes what retention allows now; otherwise done every few seconds. */
    void sweep() {
        retention.sweep();
    }

    /** The runtime underneath. */
    public RuntimeInfo runtime() {
        return context.runtime().info();
    }

    /** How this engine runs. */
    public EngineConfig config() {
        return context.config();
    }

    /** What is wrong now, for people: a full disk that output waits for, a container that could not be adopted. */
    public List<String> problems() {
        return context.problems().list();
    }

    /** The use above which there are alerts. */
    public Thresholds thresholds() {
        return sampler.thresholds();
    }

    /** Changes them, for the samples to come and until this engine is closed. @return what they are then */
    public Thresholds setThresholds(UnaryOperator<Thresholds> change) {
        return sampler.setThresholds(change);
    }

    /** Makes a container. A repeated request with the same id and content returns the container it made before. */
    public Container create(NewContainer request) {
        return usedImages.whileMaking(() -> creation.create(request));
    }

    /**
     * The container that an id, an unambiguous prefix of one, or a name stands for; removed ones within retention
     * included, by id (or by name if no other took it). NOT_FOUND; INVALID_ARGUMENT if a prefix is ambiguous.
     */
    public Container container(String reference) {
        return registry.find(reference);
    }

    /** All containers, newest first. @param includeRemoved also removed ones within retention */
    public List<Container> containers(boolean includeRemoved) {
        List<Container> containers = new ArrayList<>();
        for (EngineContainer container : registry.list()) {
            if (includeRemoved || container.status().state() != ContainerState.REMOVED) {
                containers.add(container);
            }
        }
        return containers;
    }

    /** Reads the feed. @param after null: from now on; sequence 0: from the oldest record it has */
    public FeedSubscription feed(@Nullable Cursor after) {
        return context.feed().subscribe(after);
    }

    /** Named volumes. */
    public EngineVolumes volumes() {
        return context.volumes();
    }

    /** User-defined networks. */
    public EngineNetworks networks() {
        return context.networks();
    }

    /** All images. */
    public List<Image> images() {
        return RuntimeCalls.call(() -> context.runtime().images().list());
    }

    /** One image. NOT_FOUND. */
    public Image image(String reference) {
        return RuntimeCalls.call(() -> context.runtime().images().get(reference));
    }

    /** Fetches an image. */
    public Image pullImage(String reference, Images.ProgressListener progress) {
        return RuntimeCalls.call(() -> context.runtime().images().pull(reference, progress));
    }

    /** Loads images. */
    public List<Image> importImages(InputStream archive, String reference, Images.ProgressListener progress) {
        return RuntimeCalls.call(() -> context.runtime().images().importArchive(archive, reference, progress));
    }

    /** Removes an image; used by a container: FAILED_PRECONDITION unless forced. */
    public void removeImage(String reference, boolean force) {
        usedImages.remove(reference, force);
    }

    /** Removes images that no container was made of. @param isAll also those that have a name */
    public Pruned pruneImages(PruneFilter filter, boolean isAll) {
        return usedImages.prune(filter, isAll);
    }

    /** Removes containers that do not run and are not about to be started. */
    public Pruned pruneContainers(PruneFilter filter) {
        return new ContainerPruning(registry).prune(filter);
    }

    /** Measures what takes room on the disk. */
    public DiskUsage diskUsage() {
        return new DiskMeasure(context, registry, usedImages).measure();
    }

    /** Stops capturing and closes timelines; containers run on and wait on their pipes until a server adopts them. */
    @Override
    public void close() {
        if (context.isClosing().getAndSet(true)) {
            return;
        }
        creation.begun().forEach(Journal::closeAnyway);
        List<EngineProcess> processes = new ArrayList<>();
        for (EngineContainer container : registry.list()) {
            processes.add(container.process());
            container.openExecs().list().forEach(exec -> processes.add(exec.process()));
        }
        processes.forEach(EngineProcess::stop);
        processes.forEach(EngineProcess::join);
        context.background().close();
        processes.forEach(process -> process.journal().closeAnyway());
        context.feed().close();
        context.data().close();
    }
}
