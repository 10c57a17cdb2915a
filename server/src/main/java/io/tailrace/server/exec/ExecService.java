package io.tailrace.server.exec;

import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.tailrace.api.exec.ContainerControlRequest;
import io.tailrace.api.exec.ContainerControlResponse;
import io.tailrace.api.exec.ContainerLifecycleEvent;
import io.tailrace.api.exec.ContainerLifecycleRequest;
import io.tailrace.api.exec.ContainerSignalRequest;
import io.tailrace.api.exec.ContainerStatusRequest;
import io.tailrace.api.exec.ContainerStatusResponse;
import io.tailrace.api.exec.ExecGrpc;
import io.tailrace.api.exec.ResourceUsage;
import io.tailrace.api.exec.SessionRequest;
import io.tailrace.api.exec.SessionResponse;
import io.tailrace.engine.Container;
import io.tailrace.engine.ContainerState;
import io.tailrace.engine.Engine;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import io.tailrace.engine.ProcessStatus;
import io.tailrace.engine.Signal;
import io.tailrace.server.errors.Failure;
import io.tailrace.server.errors.GrpcErrors;
import io.tailrace.server.stream.GrpcStream;
import io.tailrace.server.stream.Processes;
import io.tailrace.server.stream.Streams;
import io.tailrace.server.stream.UnaryCalls;
import java.util.Optional;
import java.util.function.Consumer;

/** The Exec service, as docs/contracts/exec.md has it. */
public final class ExecService extends ExecGrpc.ExecImplBase {
    /** A client that sends this header with {@code true} gets its output as chunks with sequences. */
    static final String OUTPUT_CHUNKS = "tailrace-output-chunks";

    private final Engine engine;
    private final Streams streams;
    private final SessionIds ids;
    private final Sessions sessions;

    /** A service over an engine. */
    public ExecService(Engine engine, Streams streams, SessionIds ids, int sessionsMax, int sessionsPerContainerMax) {
        this.engine = engine;
        this.streams = streams;
        this.ids = ids;
        this.sessions = new Sessions(sessionsMax, sessionsPerContainerMax);
    }

    @Override
    public StreamObserver<SessionRequest> session(StreamObserver<SessionResponse> observer) {
        GrpcStream<SessionResponse> stream = GrpcStream.of(observer);
        var inbox = stream.<SessionRequest>inbox();
        boolean isChunked = Boolean.parseBoolean(
                ServiceRequestContext.current().request().headers().get(OUTPUT_CHUNKS));
        streams.start("session", stream, () -> new SessionBody(engine, ids, sessions, stream, inbox, isChunked).run());
        return inbox;
    }

    @Override
    public void containerLifecycle(
            ContainerLifecycleRequest request, StreamObserver<ContainerLifecycleEvent> observer) {
        GrpcStream<ContainerLifecycleEvent> stream = GrpcStream.of(observer);
        streams.start("lifecycle", stream, () -> Lifecycle.serve(stream, engine, request.getContainerId()));
    }

    @Override
    public void containerStatus(ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> observer) {
        UnaryCalls.serve(observer, () -> {
            Container container = Processes.container(engine, request.getContainerId());
            ProcessStatus status = container.status();
            var response = ContainerStatusResponse.newBuilder()
                    .setContainerId(container.id())
                    .setStatus(word(status.state()));
            var startedAt = status.startedAt();
            if (startedAt != null) {
                response.setStartedAt(startedAt.getEpochSecond());
            }
            var finishedAt = status.finishedAt();
            if (finishedAt != null) {
                response.setFinishedAt(finishedAt.getEpochSecond());
            }
            var exit = status.exit();
            if (exit != null) {
                response.setExitCode(exit.exitCode());
            }
            if (request.getIncludeResourceUsage() && status.state().isUp()) {
                usage(container).ifPresent(response::setResourceUsage);
            }
            return response.build();
        });
    }

    @Override
    public void containerPause(ContainerControlRequest request, StreamObserver<ContainerControlResponse> observer) {
        control(observer, request.getContainerId(), "paused", Container::pause);
    }

    @Override
    public void containerResume(ContainerControlRequest request, StreamObserver<ContainerControlResponse> observer) {
        control(observer, request.getContainerId(), "resumed", Container::resume);
    }

    @Override
    public void containerSignal(ContainerSignalRequest request, StreamObserver<ContainerControlResponse> observer) {
        control(
                observer,
                request.getContainerId(),
                "signalled",
                container -> container.process().signal(Signal.parse(request.getSignal())));
    }

    /** What fails is no failed call here, but an answer that says so; only a runtime out of reach fails the call. */
    private void control(
            StreamObserver<ContainerControlResponse> observer,
            String reference,
            String done,
            Consumer<Container> command) {
        UnaryCalls.serve(observer, () -> {
            try {
                Container container = Processes.container(engine, reference);
                command.accept(container);
                return response(true, "container %s %s".formatted(container.id(), done));
            } catch (RuntimeException e) {
                Failure failure = Failure.of(e);
                if (failure.status() == Status.Code.UNAVAILABLE) {
                    throw GrpcErrors.of(failure);
                }
                return response(false, failure.message());
            }
        });
    }

    private static ContainerControlResponse response(boolean isSuccess, String message) {
        return ContainerControlResponse.newBuilder()
                .setSuccess(isSuccess)
                .setMessage(message)
                .build();
    }

    private static String word(ContainerState state) {
        return switch (state) {
            case CREATED, STARTING -> "created";
            case RUNNING, DRAINING -> "running";
            case PAUSED -> "paused";
            case RESTARTING, EXITED, REMOVED -> "exited";
        };
    }

    /** What it uses; empty where the runtime cannot tell, or the container has ended meanwhile. */
    private static Optional<ResourceUsage> usage(Container container) {
        Container.Usage usage;
        try {
            usage = container.usage();
        } catch (EngineException e) {
            if (e.code() == ErrorCode.FAILED_PRECONDITION || e.code() == ErrorCode.UNSUPPORTED) {
                return Optional.empty();
            }
            throw e;
        }
        return Optional.of(ResourceUsage.newBuilder()
                .setCpuPercent(usage.cpuPercent())
                .setMemoryBytes(usage.sample().memoryBytes())
                .setMemoryLimit(usage.sample().memoryLimitBytes())
                .setIoReadBytes(usage.sample().blockReadBytes())
                .setIoWriteBytes(usage.sample().blockWriteBytes())
                .build());
    }
}
