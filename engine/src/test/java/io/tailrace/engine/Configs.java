package io.tailrace.engine;

/** Configurations for tests: others with one thing changed. */
final class Configs {
    private Configs() {}

    static EngineConfig retaining(EngineConfig config, long timelineBytesMax, long segmentBytesMax) {
        return new EngineConfig(
                config.dataDirectory(),
                config.retention(),
                config.stopGrace(),
                config.drainTimeout(),
                timelineBytesMax,
                segmentBytesMax,
                config.onFullDisk(),
                config.fsync(),
                config.containersMax(),
                config.execsPerContainerMax(),
                config.feedRecordsMax(),
                config.sampling());
    }
}
