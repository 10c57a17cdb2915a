package io.tailrace.cli.training;

import com.google.protobuf.Empty;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.tailrace.runtime.containerd.proto.tasks.CreateTaskRequest;
import io.tailrace.runtime.containerd.proto.tasks.CreateTaskResponse;
import io.tailrace.runtime.containerd.proto.tasks.DeleteResponse;
import io.tailrace.runtime.containerd.proto.tasks.DeleteTaskRequest;
import io.tailrace.runtime.containerd.proto.tasks.GetRequest;
import io.tailrace.runtime.containerd.proto.tasks.GetResponse;
import io.tailrace.runtime.containerd.proto.tasks.KillRequest;
import io.tailrace.runtime.containerd.proto.tasks.Process;
import io.tailrace.runtime.containerd.proto.tasks.StartRequest;
import io.tailrace.runtime.containerd.proto.tasks.StartResponse;
import io.tailrace.runtime.containerd.proto.tasks.TasksGrpc.TasksImplBase;
import io.tailrace.runtime.containerd.proto.tasks.WaitRequest;
import io.tailrace.runtime.containerd.proto.tasks.WaitResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Tasks that write one line to their stdout and exit with 0. Thread-safe. */
final class TrainingTasks extends TasksImplBase {
    private static final byte[] LINE = "trained\n".getBytes(StandardCharsets.UTF_8);

    private final Map<String, Task> tasks = new ConcurrentHashMap<>();

    private record Task(Path stdout, CompletableFuture<WaitResponse> exit) {}

    @Override
    public void create(CreateTaskRequest request, StreamObserver<CreateTaskResponse> observer) {
        tasks.put(request.getContainerId(), new Task(Path.of(request.getStdout()), new CompletableFuture<>()));
        TrainingContainerd.answer(
                observer, CreateTaskResponse.newBuilder().setPid(1).build());
    }

    @Override
    public void start(StartRequest request, StreamObserver<StartResponse> observer) {
        var task = task(request.getContainerId());
        try (var stdout = Files.newOutputStream(task.stdout(), StandardOpenOption.WRITE)) {
            TrainingContainerd.answer(
                    observer, StartResponse.newBuilder().setPid(1).build());
            stdout.write(LINE);
        } catch (IOException e) {
            observer.onError(Status.INTERNAL.withDescription(e.toString()).asException());
        }
        task.exit().complete(WaitResponse.getDefaultInstance());
    }

    @Override
    public void wait(WaitRequest request, StreamObserver<WaitResponse> observer) {
        task(request.getContainerId()).exit().thenAccept(exit -> TrainingContainerd.answer(observer, exit));
    }

    @Override
    public void get(GetRequest request, StreamObserver<GetResponse> observer) {
        boolean isOver = task(request.getContainerId()).exit().isDone();
        var process = Process.newBuilder()
                .setPid(1)
                .setStatus(
                        isOver
                                ? io.tailrace.runtime.containerd.proto.tasks.Status.STOPPED
                                : io.tailrace.runtime.containerd.proto.tasks.Status.RUNNING);
        TrainingContainerd.answer(
                observer, GetResponse.newBuilder().setProcess(process).build());
    }

    @Override
    public void kill(KillRequest request, StreamObserver<Empty> observer) {
        observer.onError(Status.NOT_FOUND.asException());
    }

    @Override
    public void delete(DeleteTaskRequest request, StreamObserver<DeleteResponse> observer) {
        tasks.remove(request.getContainerId());
        TrainingContainerd.answer(observer, DeleteResponse.getDefaultInstance());
    }

    private Task task(String containerId) {
        var task = tasks.get(containerId);
        if (task == null) {
            throw Status.NOT_FOUND.withDescription("task " + containerId).asRuntimeException();
        }
        return task;
    }
}
