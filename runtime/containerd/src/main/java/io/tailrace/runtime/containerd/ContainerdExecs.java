package io.tailrace.runtime.containerd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.containerd.proto.tasks.ExecProcessRequest;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The execs of a container that were not deleted. Thread-safe. */
final class ContainerdExecs {
    private final Services services;
    private final String id;
    private final ContainerDirectory directory;
    private final Cgroup cgroup;
    private final ContainerTask task;
    private final Map<String, ContainerdProcess> execs = new ConcurrentHashMap<>();

    ContainerdExecs(Services services, String id, ContainerDirectory directory, Cgroup cgroup, ContainerTask task) {
        this.services = services;
        this.id = id;
        this.directory = directory;
        this.cgroup = cgroup;
        this.task = task;
    }

    /**
     * Adds one, with its stdio and watched.
     *
     * @throws ContainerRuntimeException FAILED_PRECONDITION if the container does not run, ALREADY_EXISTS for the id; nothing is
     *     left then
     */
    RuntimeProcess prepare(String execId, ProcessSpec spec) {
        String name = ExecId.of(execId);
        FileTree root = new FileTree(List.of(Path.of("/proc", Long.toString(task.runningPid()), "root")));
        Map<String, Object> process = OciProcess.of(spec, Accounts.of(root), directory.hostname());
        Stdio stdio = new Stdio(directory.exec(name), spec.terminal() != null, spec.hasStdin());
        if (Stdio.existing(directory.exec(name)).isPresent()) {
            throw new ContainerRuntimeException(
                    Code.ALREADY_EXISTS, "exec id: %s (expected: one that is not in use)".formatted(execId));
        }
        long killsBefore = cgroup.outOfMemoryKills();
        try {
            stdio.create(services.keeper());
            services.containerd()
                    .tasks()
                    .exec(ExecProcessRequest.newBuilder()
                            .setContainerId(id)
                            .setExecId(name)
                            .setStdin(stdio.stdinName())
                            .setStdout(stdio.stdout().toString())
                            .setStderr(stdio.stderrName())
                            .setTerminal(stdio.hasTerminal())
                            .setSpec(OciSpec.any(OciSpec.PROCESS_TYPE, process))
                            .build());
        } catch (StatusRuntimeException failure) {
            stdio.removeQuietly(services.keeper());
            throw Failures.is(failure, Status.Code.NOT_FOUND)
                    ? task.notRunning()
                    : Failures.of("exec %s in container %s".formatted(execId, id), failure);
        } catch (IOException failure) {
            stdio.removeQuietly(services.keeper());
            throw Failures.of("exec %s in container %s".formatted(execId, id), failure);
        } catch (ContainerRuntimeException failure) {
            stdio.removeQuietly(services.keeper());
            throw failure;
        }
        ContainerdProcess prepared = task.prepared(name, stdio, killsBefore, null, () -> execs.remove(name))
                .watched();
        execs.put(name, prepared);
        return prepared;
    }

    /** One that this server or an earlier one prepared. */
    Optional<RuntimeProcess> recover(String execId) {
        String name = ExecId.of(execId);
        return Optional.ofNullable(execs.computeIfAbsent(
                name,
                absent -> Stdio.existing(directory.exec(name))
                        .map(stdio -> task.recovered(name, stdio, cgroup.outOfMemoryKills(), () -> execs.remove(name)))
                        .orElse(null)));
    }

    /** They run on, unwatched. */
    void detach() {
        execs.values().forEach(ContainerdProcess::detach);
    }
}
