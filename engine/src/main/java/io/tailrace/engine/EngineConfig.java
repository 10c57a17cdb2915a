package io.tailrace.engine;

import io.tailrace.log.TimelineConfig;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How an engine runs.
 *
 * @param dataDirectory where timelines are kept; made if missing; used by one server at a time
 * @param retention how long a removed container's timelines (and an ended exec's) stay readable
 * @param stopGrace how long a stopped process has before it is killed, where the caller does not say
 * @param drainTimeout how long output may stay open after its process exited (a grandchild may hold it)
 * @param timelineBytesMax retained bytes of one timeline; older segments are deleted and read as a Gap
 * @param segmentBytesMax size of a timeline's segments
 * @param onFullDisk what becomes of processes whose output has no room, where the container does not say
 * @param fsync when timelines are synced
 * @param containersMax containers at once, removed ones within retention included
 * @param execsPerContainerMax execs of one container at once, ended ones within retention included
 * @param feedRecordsMax lifecycle records that the feed can replay
 * @param sampling how what containers use is watched
 * @param hostAccess what of the host containers may be given
 */
public record EngineConfig(
        Path dataDirectory,
        Duration retention,
        Duration stopGrace,
        Duration drainTimeout,
        long timelineBytesMax,
        long segmentBytesMax,
        OnFullDisk onFullDisk,
        TimelineConfig.Fsync fsync,
        int containersMax,
        int execsPerContainerMax,
        int feedRecordsMax,
        Sampling sampling,
        HostAccess hostAccess) {

    /** Whose containers may be given everything of the host. */
    public EngineConfig(
            Path dataDirectory,
            Duration retention,
            Duration stopGrace,
            Duration drainTimeout,
            long timelineBytesMax,
            long segmentBytesMax,
            OnFullDisk onFullDisk,
            TimelineConfig.Fsync fsync,
            int containersMax,
            int execsPerContainerMax,
            int feedRecordsMax,
            Sampling sampling) {
        this(
                dataDirectory,
                retention,
                stopGrace,
                drainTimeout,
                timelineBytesMax,
                segmentBytesMax,
                onFullDisk,
                fsync,
                containersMax,
                execsPerContainerMax,
                feedRecordsMax,
                sampling,
                HostAccess.ALL);
    }

    /** Retention 5 min, grace 10 s, drain 10 s, 4 GiB a timeline in 64 MiB segments, 10,000 containers. */
    public static EngineConfig defaults(Path dataDirectory) {
        return new EngineConfig(
                dataDirectory,
                Duration.ofMinutes(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                4L << 30,
                64L << 20,
                OnFullDisk.WAIT,
                TimelineConfig.Fsync.NEVER,
                10_000,
                1_000,
                100_000,
                Sampling.DEFAULT);
    }

    /** This, watching otherwise what containers use. */
    public EngineConfig withSampling(Sampling other) {
        return new EngineConfig(
                dataDirectory,
                retention,
                stopGrace,
                drainTimeout,
                timelineBytesMax,
                segmentBytesMax,
                onFullDisk,
                fsync,
                containersMax,
                execsPerContainerMax,
                feedRecordsMax,
                other,
                hostAccess);
    }

    /** This, giving other things of the host to its containers. */
    public EngineConfig withHostAccess(HostAccess other) {
        return new EngineConfig(
                dataDirectory,
                retention,
                stopGrace,
                drainTimeout,
                timelineBytesMax,
                segmentBytesMax,
                onFullDisk,
                fsync,
                containersMax,
                execsPerContainerMax,
                feedRecordsMax,
                sampling,
                other);
    }
}
