package io.tailrace.server.v1;

import io.grpc.stub.StreamObserver;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.ContainerChangesRequest;
import io.tailrace.api.v1.ContainerChangesResponse;
import io.tailrace.api.v1.ContainerStats;
import io.tailrace.api.v1.ContainerStatsRequest;
import io.tailrace.api.v1.ContainersGrpc;
import io.tailrace.api.v1.CreateContainerRequest;
import io.tailrace.api.v1.GetContainerRequest;
import io.tailrace.api.v1.KillContainerRequest;
import io.tailrace.api.v1.ListContainersRequest;
import io.tailrace.api.v1.ListContainersResponse;
import io.tailrace.api.v1.PauseContainerRequest;
import io.tailrace.api.v1.PruneContainersRequest;
import io.tailrace.api.v1.PruneContainersResponse;
import io.tailrace.api.v1.RemoveContainerRequest;
import io.tailrace.api.v1.RemoveContainerResponse;
import io.tailrace.api.v1.RenameContainerRequest;
import io.tailrace.api.v1.RestartContainerRequest;
import io.tailrace.api.v1.ResumeContainerRequest;
import io.tailrace.api.v1.StartContainerRequest;
import io.tailrace.api.v1.StatsHistoryRequest;
import io.tailrace.api.v1.StatsHistoryResponse;
import io.tailrace.api.v1.StopContainerRequest;
import io.tailrace.api.v1.TopContainerRequest;
import io.tailrace.api.v1.TopContainerResponse;
import io.tailrace.api.v1.UpdateContainerRequest;
import io.tailrace.api.v1.WaitContainerRequest;
import io.tailrace.api.v1.WaitContainerResponse;
import io.tailrace.engine.Container.WaitCondition;
import io.tailrace.engine.ContainerState;
import io.tailrace.engine.Engine;
import io.tailrace.engine.EngineException;
import io.tailrace.engine.ErrorCode;
import io.tailrace.engine.Labels;
import io.tailrace.engine.PruneFilter;
import io.tailrace.engine.Signal;
import io.tailrace.server.stream.Processes;
import io.tailrace.server.stream.UnaryCalls;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/** Containers: made, started, stopped, removed. */
public final class ContainersService extends ContainersGrpc.ContainersImplBase {
    private static final String DEFAULT_KILL_SIGNAL = "KILL";

    private final Engine engine;

    /** A service over an engine. */
    public ContainersService(Engine engine) {
        this.engine = engine;
    }

    @Override
    public void create(CreateContainerRequest request, StreamObserver<Container> observer) {
        UnaryCalls.serve(observer, () -> {
            var container = engine.create(ContainerRequests.of(request));
            // A repeated request finds it started.
            if (request.getStart() && container.status().state() == ContainerState.CREATED) {
                container.start();
            }
            return message(container);
        });
    }

    @Override
    public void get(GetContainerRequest request, StreamObserver<Container> observer) {
        UnaryCalls.serve(observer, () -> message(find(request.getContainer())));
    }

    @Override
    public void list(ListContainersRequest request, StreamObserver<ListContainersResponse> observer) {
        UnaryCalls.serve(observer, () -> {
            var response = ListContainersResponse.newBuilder();
            for (var container : engine.containers(request.getRemoved())) {
                if (isShown(container.status().state(), request)
                        && Labels.match(container.request().labels(), request.getLabelsMap())) {
                    response.addContainers(
                            ContainerMessages.entry(container, engine.runtime().name()));
                }
            }
            return response.build();
        });
    }

    @Override
    public void start(StartContainerRequest request, StreamObserver<Container> observer) {
        change(observer, request.getContainer(), io.tailrace.engine.Container::start);
    }

    @Override
    public void stop(StopContainerRequest request, StreamObserver<Container> observer) {
        change(
                observer,
                request.getContainer(),
                container -> container.stop(Times.of(request.hasGrace(), "grace", request.getGrace())));
    }

    @Override
    public void restart(RestartContainerRequest request, StreamObserver<Container> observer) {
        change(
                observer,
                request.getContainer(),
                container -> container.restart(Times.of(request.hasGrace(), "grace", request.getGrace())));
    }

    @Override
    public void kill(KillContainerRequest request, StreamObserver<Container> observer) {
        UnaryCalls.serve(observer, () -> {
            var signal = Signal.parse(request.getSignal().isEmpty() ? DEFAULT_KILL_SIGNAL : request.getSignal());
            Processes.find(engine, request.getContainer(), request.getExec()).signal(signal);
            return message(find(request.getContainer()));
        });
    }

    @Override
    public void pause(PauseContainerRequest request, StreamObserver<Container> observer) {
        change(observer, request.getContainer(), io.tailrace.engine.Container::pause);
    }

    @Override
    public void resume(ResumeContainerRequest request, StreamObserver<Container> observer) {
        change(observer, request.getContainer(), io.tailrace.engine.Container::resume);
    }

    @Override
    public void update(UpdateContainerRequest request, StreamObserver<Container> observer) {
        change(observer, request.getContainer(), container -> container.update(ContainerRequests.of(request)));
    }

    @Override
    public void rename(RenameContainerRequest request, StreamObserver<Container> observer) {
        change(observer, request.getContainer(), container -> container.rename(request.getName()));
    }

    @Override
    public void top(TopContainerRequest request, StreamObserver<TopContainerResponse> observer) {
        UnaryCalls.serve(
                observer, () -> ContentMessages.top(find(request.getContainer()).processes()));
    }

    @Override
    public void changes(ContainerChangesRequest request, StreamObserver<ContainerChangesResponse> observer) {
        UnaryCalls.serve(
                observer,
                () -> ContentMessages.changes(find(request.getContainer()).changes()));
    }

    @Override
    public void prune(PruneContainersRequest request, StreamObserver<PruneContainersResponse> observer) {
        UnaryCalls.serve(observer, () -> {
            var pruned = engine.pruneContainers(
                    new PruneFilter(Times.of(request.hasUntil(), "until", request.getUntil()), request.getLabelsMap()));
            return PruneContainersResponse.newBuilder()
                    .addAllContainers(pruned.ids())
                    .setReclaimedBytes(pruned.reclaimedBytes())
                    .build();
        });
    }

    @Override
    public void remove(RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> observer) {
        UnaryCalls.serve(observer, () -> {
            find(request.getContainer()).remove(request.getForce(), request.getVolumes());
            return RemoveContainerResponse.getDefaultInstance();
        });
    }

    @Override
    public void wait(WaitContainerRequest request, StreamObserver<WaitContainerResponse> observer) {
        UnaryCalls.serveInterruptibly(observer, () -> {
            var container = find(request.getContainer());
            var timeout = Times.of(request.hasTimeout(), "timeout", request.getTimeout());
            if (container.await(condition(request), timeout).isEmpty()) {
                throw new EngineException(
                        ErrorCode.DEADLINE_EXCEEDED,
                        "container %s: not %s within %s".formatted(container.id(), condition(request), timeout));
            }
            var answer = WaitContainerResponse.newBuilder().setStatus(ContainerMessages.status(container.process()));
            var crash = container.crash();
            if (crash != null) {
                answer.setCrash(HealthMessages.of(crash));
            }
            return answer.build();
        });
    }

    @Override
    public void stats(ContainerStatsRequest request, StreamObserver<ContainerStats> observer) {
        UnaryCalls.serve(
                observer,
                () -> ContainerMessages.of(find(request.getContainer()).usage()));
    }

    @Override
    public void statsHistory(StatsHistoryRequest request, StreamObserver<StatsHistoryResponse> observer) {
        UnaryCalls.serve(observer, () -> {
            var response = StatsHistoryResponse.newBuilder();
            // Beyond what an int says there are none.
            int limit = request.getLimit() < 0 ? 0 : request.getLimit();
            find(request.getContainer())
                    .usageHistory(limit)
                    .forEach(usage -> response.addSamples(ContainerMessages.of(usage)));
            return response.build();
        });
    }

    private void change(
            StreamObserver<Container> observer, String reference, Consumer<io.tailrace.engine.Container> command) {
        Callable<Container> work = () -> {
            var container = find(reference);
            command.accept(container);
            return message(container);
        };
        UnaryCalls.serve(observer, work);
    }

    private io.tailrace.engine.Container find(String reference) {
        return Processes.container(engine, reference);
    }

    private Container message(io.tailrace.engine.Container container) {
        return ContainerMessages.of(container, engine.runtime().name());
    }

    private static boolean isShown(ContainerState state, ListContainersRequest request) {
        return switch (state) {
            case CREATED, EXITED -> request.getAll();
            case STARTING, RESTARTING, RUNNING, PAUSED, DRAINING -> true;
            case REMOVED -> request.getRemoved();
        };
    }

    private static WaitCondition condition(WaitContainerRequest request) {
        return switch (request.getCondition()) {
            case WAIT_CONDITION_UNSPECIFIED, WAIT_CONDITION_NOT_RUNNING -> WaitCondition.NOT_RUNNING;
            case WAIT_CONDITION_NEXT_EXIT -> WaitCondition.NEXT_EXIT;
            case WAIT_CONDITION_REMOVED -> WaitCondition.REMOVED;
            case WAIT_CONDITION_HEALTHY -> WaitCondition.HEALTHY;
            case UNRECOGNIZED ->
                throw new EngineException(
                        ErrorCode.INVALID_ARGUMENT,
                        "condition: %d (expected: not running, next exit, removed, healthy)"
                                .formatted(request.getConditionValue()));
        };
    }
}
