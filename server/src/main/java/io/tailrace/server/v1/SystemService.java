package io.tailrace.server.v1;

import io.grpc.stub.StreamObserver;
import io.tailrace.api.v1.DiskUsageRequest;
import io.tailrace.api.v1.DiskUsageResponse;
import io.tailrace.api.v1.GetInfoRequest;
import io.tailrace.api.v1.GetThresholdsRequest;
import io.tailrace.api.v1.Info;
import io.tailrace.api.v1.SetThresholdsRequest;
import io.tailrace.api.v1.SystemGrpc;
import io.tailrace.api.v1.Thresholds;
import io.tailrace.engine.Engine;
import io.tailrace.server.stream.UnaryCalls;
import java.time.Instant;
import java.util.Locale;

/** The server itself. */
public final class SystemService extends SystemGrpc.SystemImplBase {
    private final Engine engine;
    private final String version;
    private final Instant startedAt;

    /** A service over an engine. */
    public SystemService(Engine engine, String version, Instant startedAt) {
        this.engine = engine;
        this.version = version;
        this.startedAt = startedAt;
    }

    @Override
    public void getInfo(GetInfoRequest request, StreamObserver<Info> observer) {
        UnaryCalls.serve(observer, this::info);
    }

    @Override
    public void getThresholds(GetThresholdsRequest request, StreamObserver<Thresholds> observer) {
        UnaryCalls.serve(observer, () -> of(engine.thresholds()));
    }

    @Override
    public void setThresholds(SetThresholdsRequest request, StreamObserver<Thresholds> observer) {
        UnaryCalls.serve(observer, () -> of(engine.setThresholds(now -> of(request.getThresholds(), now))));
    }

    private static Thresholds of(io.tailrace.engine.Thresholds thresholds) {
        return Thresholds.newBuilder()
                .setCpuPercent(thresholds.cpuPercent())
                .setMemoryPercent(thresholds.memoryPercent())
                .setDiskReadBytesPerSecond(thresholds.diskReadBytesPerSecond())
                .setDiskWriteBytesPerSecond(thresholds.diskWriteBytesPerSecond())
                .setNetworkReceivedBytesPerSecond(thresholds.networkReceivedBytesPerSecond())
                .setNetworkSentBytesPerSecond(thresholds.networkSentBytesPerSecond())
                .build();
    }

    private static io.tailrace.engine.Thresholds of(Thresholds wanted, io.tailrace.engine.Thresholds now) {
        return new io.tailrace.engine.Thresholds(
                wanted.hasCpuPercent() ? wanted.getCpuPercent() : now.cpuPercent(),
                wanted.hasMemoryPercent() ? wanted.getMemoryPercent() : now.memoryPercent(),
                wanted.hasDiskReadBytesPerSecond() ? wanted.getDiskReadBytesPerSecond() : now.diskReadBytesPerSecond(),
                wanted.hasDiskWriteBytesPerSecond()
                        ? wanted.getDiskWriteBytesPerSecond()
                        : now.diskWriteBytesPerSecond(),
                wanted.hasNetworkReceivedBytesPerSecond()
                        ? wanted.getNetworkReceivedBytesPerSecond()
                        : now.networkReceivedBytesPerSecond(),
                wanted.hasNetworkSentBytesPerSecond()
                        ? wanted.getNetworkSentBytesPerSecond()
                        : now.networkSentBytesPerSecond());
    }

    @Override
    public void diskUsage(DiskUsageRequest request, StreamObserver<DiskUsageResponse> observer) {
        UnaryCalls.serve(observer, () -> ContentMessages.diskUsage(engine.diskUsage()));
    }

    private Info info() {
        var runtime = engine.runtime();
        var containers = engine.containers(false);
        long running = containers.stream()
                .filter(container -> container.status().state().isUp())
                .count();
        var info = Info.newBuilder()
                .setVersion(version)
                .setStartedAt(Times.of(startedAt))
                .setRuntime(runtime.name())
                .setRuntimeVersion(runtime.version())
                .setRuntimeEndpoint(runtime.endpoint())
                .setDataDirectory(engine.config().dataDirectory().toString())
                .setContainers(containers.size())
                .setContainersRunning((int) running)
                .addAllProblems(engine.problems())
                .setRetention(Times.of(engine.config().retention()));
        runtime.capabilities().stream()
                .map(capability -> capability.name().toLowerCase(Locale.ROOT))
                .sorted()
                .forEach(info::addCapabilities);
        return info.build();
    }
}
