package io.tailrace.server.v1;

import io.grpc.stub.StreamObserver;
import io.tailrace.api.v1.CreateExecRequest;
import io.tailrace.api.v1.Exec;
import io.tailrace.api.v1.ExecsGrpc;
import io.tailrace.api.v1.GetExecRequest;
import io.tailrace.api.v1.ListExecsRequest;
import io.tailrace.api.v1.ListExecsResponse;
import io.tailrace.engine.Engine;
import io.tailrace.server.stream.Processes;
import io.tailrace.server.stream.UnaryCalls;

/** Execs: processes added to a running container. */
public final class ExecsService extends ExecsGrpc.ExecsImplBase {
    private final Engine engine;

    /** A service over an engine. */
    public ExecsService(Engine engine) {
        this.engine = engine;
    }

    @Override
    public void create(CreateExecRequest request, StreamObserver<Exec> observer) {
        UnaryCalls.serve(
                observer,
                () -> ContainerMessages.of(
                        Processes.container(engine, request.getContainer()).exec(ContainerRequests.of(request))));
    }

    @Override
    public void get(GetExecRequest request, StreamObserver<Exec> observer) {
        UnaryCalls.serve(
                observer,
                () -> ContainerMessages.of(
                        Processes.container(engine, request.getContainer()).exec(request.getExec())));
    }

    @Override
    public void list(ListExecsRequest request, StreamObserver<ListExecsResponse> observer) {
        UnaryCalls.serve(observer, () -> {
            var response = ListExecsResponse.newBuilder();
            Processes.container(engine, request.getContainer())
                    .execs()
                    .forEach(exec -> response.addExecs(ContainerMessages.of(exec)));
            return response.build();
        });
    }
}
