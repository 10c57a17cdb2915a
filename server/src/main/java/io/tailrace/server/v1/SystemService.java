package io.tailrace.server.v1;

import io.grpc.stub.StreamObserver;
import io.tailrace.api.v1.GetInfoRequest;
import io.tailrace.api.v1.Info;
import io.tailrace.api.v1.SystemGrpc;
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
