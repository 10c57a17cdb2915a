package io.tailrace.runtime.containerd;

import com.google.protobuf.Empty;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.containerd.proto.tasks.CreateTaskRequest;
import io.tailrace.runtime.containerd.proto.tasks.ExecProcessRequest;
import io.tailrace.runtime.containerd.proto.tasks.PauseTaskRequest;
import io.tailrace.runtime.containerd.proto.tasks.ResumeTaskRequest;
import io.tailrace.runtime.containerd.proto.types.Mount;
import io.tailrace.runtime.spi.ArchiveSink;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import io.tailrace.runtime.spi.ContainerSpec.NetworkAttachment;
import io.tailrace.runtime.spi.ContainerSpec.NetworkMode;
import io.tailrace.runtime.spi.Endpoints;
import io.tailrace.runtime.spi.FileChange;
import io.tailrace.runtime.spi.Listener;
import io.tailrace.runtime.spi.LocalNamespaces;
import io.tailrace.runtime.spi.PathStatus;
import io.tailrace.runtime.spi.ProcessEntry;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.ResourceUsage;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A container that containerd has. Thread-safe; its lock is held while an init process is prepared, so that there is
 * one at most.
 */
final class ContainerdContainer implements RuntimeContainer {
    private static final Logger LOGGER = LoggerFactory.getLogger(ContainerdContainer.class);

    private final Services services;
    private final String id;
    private final ContainerLabels labels;
    private final ContainerDirectory directory;
    private final Cgroup cgroup;
    private final StoredContainer stored;
    private final PublishedPorts ports;
    private final ContainerFileSystem files;
    private final Runnable removed;
    private final Map<String, ContainerdProcess> execs = new ConcurrentHashMap<>();

    /** Guarded by this: the snapshot's mounts, as long as they are known. */
    private List<Mount> mounts;
    /** Guarded by this. */
    private @Nullable ContainerdProcess init;

    /**
     * A container that is there.
     *
     * @param mounts its snapshot's, if known; else empty
     * @param removed told once it is removed
     */
    ContainerdContainer(Services services, String id, ContainerLabels labels, List<Mount> mounts, Runnable removed) {
        this.removed = removed;
        this.services = services;
        this.id = id;
        this.labels = labels;
        this.mounts = List.copyOf(mounts);
        directory = ContainerDirectory.of(services.config().dataDirectory(), id);
        cgroup = new Cgroup(cgroupPath(services.config(), id));
        stored = new StoredContainer(services.containerd(), id);
        ports = new PublishedPorts(services.network(), id, directory);
        files = new ContainerFileSystem(
                id,
                stored,
                directory,
                this::pidOfTask,
                () -> services.snapshots().mounts(id));
    }

    static String cgroupPath(ContainerdConfig config, String id) {
        return "/" + config.namespace() + "/" + id;
    }

    @Override
    public String handle() {
        return Handle.of(id);
    }

    @Override
    public synchronized RuntimeProcess prepare() {
        if (init != null) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION, "container %s: it has an init process already".formatted(id));
        }
        Stdio stdio = new Stdio(directory.init(), labels.hasTerminal(), labels.hasStdin());
        try {
            Remains.remove(services.config(), id);
            Networking.restore(services, id, labels.network(), directory);
            services.networks().names().add(id, directory);
            ports.publish();
            stdio.create(services.keeper());
        } catch (IOException failure) {
            giveUp(stdio);
            throw Failures.of("prepare container " + id, failure);
        } catch (ContainerRuntimeException failure) {
            giveUp(stdio);
            throw failure;
        }
        ContainerdProcess process;
        try {
            files.revoke();
            createTask(stdio);
            // Of those that came in between.
            files.revoke();
            process = process("", stdio, 0, false, null).watched();
        } catch (StatusRuntimeException failure) {
            Optional<ContainerRuntimeException> ofCommand = StartFailure.of(failure);
            if (ofCommand.isEmpty()) {
                if (Failures.isInDoubt(failure)) {
                    // The task may be there, so that it has to be deleted first.
                    init = process("", stdio, 0, false, null);
                } else {
                    giveUp(stdio);
                }
                throw Failures.of("prepare container " + id, failure);
            }
            process = process("", stdio, 0, false, ofCommand.get());
        }
        init = process;
        return process;
    }

    private void createTask(Stdio stdio) {
        if (mounts.isEmpty()) {
            mounts = services.snapshots().mounts(id);
        }
        services.containerd()
                .tasks()
                .create(CreateTaskRequest.newBuilder()
                        .setContainerId(id)
                        .addAllRootfs(mounts)
                        .setStdin(stdio.stdinName())
                        .setStdout(stdio.stdout().toString())
                        .setStderr(stdio.stderrName())
                        .setTerminal(stdio.hasTerminal())
                        .build());
    }

    @Override
    public synchronized Optional<RuntimeProcess> process() {
        return Optional.ofNullable(init);
    }

    /** Finds the init process that an earlier server prepared, if there is one. */
    synchronized void recoverProcess() {
        ports.recover();
        init = Stdio.existing(directory.init())
                .map(stdio -> recovered("", stdio, 0))
                .orElse(null);
    }

    private ContainerdProcess recovered(String execId, Stdio stdio, long killsBefore) {
        boolean isStarted = calls(execId)
                .find()
                .map(process -> process.getStatus() != io.tailrace.runtime.containerd.proto.tasks.Status.CREATED)
                .orElse(true);
        try {
            stdio.takeOver(services.keeper(), isStarted);
        } catch (IOException failure) {
            throw Failures.of("recover container " + id, failure);
        }
        return process(execId, stdio, killsBefore, isStarted, null).watched();
    }

    @Override
    public RuntimeProcess prepareExec(String execId, ProcessSpec spec) {
        String name = ExecId.of(execId);
        long pid = runningPid();
        FileTree root = new FileTree(List.of(Path.of("/proc", Long.toString(pid), "root")));
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
            removeQuietly(stdio);
            throw Failures.is(failure, Status.Code.NOT_FOUND)
                    ? notRunning()
                    : Failures.of("exec %s in container %s".formatted(execId, id), failure);
        } catch (IOException failure) {
            removeQuietly(stdio);
            throw Failures.of("exec %s in container %s".formatted(execId, id), failure);
        } catch (ContainerRuntimeException failure) {
            removeQuietly(stdio);
            throw failure;
        }
        ContainerdProcess prepared =
                process(name, stdio, killsBefore, false, null).watched();
        execs.put(name, prepared);
        return prepared;
    }

    @Override
    public Optional<RuntimeProcess> recoverExec(String execId) {
        String name = ExecId.of(execId);
        return Optional.ofNullable(execs.computeIfAbsent(
                name,
                absent -> Stdio.existing(directory.exec(name))
                        .map(stdio -> recovered(name, stdio, cgroup.outOfMemoryKills()))
                        .orElse(null)));
    }

    private ContainerdProcess process(
            String execId,
            Stdio stdio,
            long killsBefore,
            boolean isStarted,
            @Nullable ContainerRuntimeException prepareFailure) {
        ExitWatch watch = new ExitWatch(services.containerd(), id, execId, cgroup, killsBefore);
        return new ContainerdProcess(
                calls(execId), services.keeper(), stdio, watch, isStarted, prepareFailure, () -> forget(execId));
    }

    private ProcessCalls calls(String execId) {
        return new ProcessCalls(services.containerd(), id, execId);
    }

    private void forget(String execId) {
        if (execId.isEmpty()) {
            services.networks().names().remove(id);
            unpublishQuietly();
            synchronized (this) {
                init = null;
            }
        } else {
            execs.remove(execId);
        }
    }

    @Override
    public Endpoints endpoints() {
        try {
            return ports.endpoints();
        } catch (IOException failure) {
            throw Failures.of("endpoints of container " + id, failure);
        }
    }

    @Override
    public ByteChannel connect(Listener listener, Duration timeout) throws IOException {
        return LocalNamespaces.connect(runningPid(), listener, timeout);
    }

    @Override
    public void pause() {
        running(
                "pause",
                () -> services.containerd()
                        .tasks()
                        .pause(PauseTaskRequest.newBuilder().setContainerId(id).build()));
    }

    @Override
    public void resume() {
        running(
                "resume",
                () -> services.containerd()
                        .tasks()
                        .resume(ResumeTaskRequest.newBuilder()
                                .setContainerId(id)
                                .build()));
    }

    @Override
    public void update(Limits limits) {
        new LimitsUpdate(stored, cgroup, services.containerd(), calls(""), id).to(limits);
    }

    @Override
    public synchronized void updateNames(List<NetworkAttachment> networks) {
        try {
            services.networks().rename(id, directory, networks);
        } catch (IOException failure) {
            throw Failures.of("names of container " + id, failure);
        }
    }

    @Override
    public ResourceUsage usage() {
        return Usage.read(cgroup, runningPid(), labels.network() != NetworkMode.HOST);
    }

    @Override
    public PathStatus stat(String path) {
        return files.stat(path);
    }

    @Override
    public void readFiles(String path, ArchiveSink sink) {
        files.read(path, sink);
    }

    @Override
    public void writeFiles(String target, InputStream archive, boolean mayReplace) {
        files.write(target, archive, mayReplace);
    }

    /** From its creation to its end. */
    private OptionalLong pidOfTask() {
        return calls("")
                .find()
                .filter(task -> switch (task.getStatus()) {
                    case CREATED, RUNNING, PAUSED, PAUSING -> true;
                    default -> false;
                })
                .map(task -> OptionalLong.of(task.getPid()))
                .orElse(OptionalLong.empty());
    }

    @Override
    public List<ProcessEntry> processes() {
        long pid = runningPid();
        assert pid > 0;
        try {
            return ContainerProcesses.of(cgroup, id);
        } catch (IOException failure) {
            throw Failures.of("processes of container " + id, failure);
        }
    }

    @Override
    public List<FileChange> changes() {
        return new WrittenFiles(services.snapshots(), stored, id).changes();
    }

    @Override
    public long writtenBytes() {
        return new WrittenFiles(services.snapshots(), stored, id).writtenBytes();
    }

    @Override
    public synchronized void remove() {
        if (init != null) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION,
                    "remove container %s: it has an init process (expected: deleted)".formatted(id));
        }
        execs.values().forEach(ContainerdProcess::detach);
        services.networks().names().remove(id);
        files.revoke();
        unpublishQuietly();
        Removal.remove(services, id, directory);
        removed.run();
    }

    /** For a runtime that is closed: what runs goes on. */
    synchronized void detach() {
        if (init != null) {
            init.detach();
        }
        execs.values().forEach(ContainerdProcess::detach);
        ports.release();
    }

    private void running(String action, Supplier<Empty> call) {
        try {
            Empty done = call.get();
            assert done != null;
        } catch (StatusRuntimeException failure) {
            throw switch (failure.getStatus().getCode()) {
                case NOT_FOUND, FAILED_PRECONDITION -> notRunning();
                default ->
                    runningPid() == 0 ? notRunning() : Failures.of("%s container %s".formatted(action, id), failure);
            };
        }
    }

    private long runningPid() {
        return calls("")
                .find()
                .filter(task -> switch (task.getStatus()) {
                    case RUNNING, PAUSED, PAUSING -> true;
                    default -> false;
                })
                .map(task -> (long) task.getPid())
                .orElseThrow(this::notRunning);
    }

    /** After a failure to prepare the init process. */
    private void giveUp(Stdio stdio) {
        services.networks().names().remove(id);
        unpublishQuietly();
        removeQuietly(stdio);
    }

    private void unpublishQuietly() {
        try {
            ports.unpublish();
        } catch (IOException left) {
            LOGGER.warn("container {}: its ports are still published: {}", id, left.getMessage());
        }
    }

    private void removeQuietly(Stdio stdio) {
        try {
            stdio.remove(services.keeper());
        } catch (IOException | ContainerRuntimeException left) {
            // remove() finds what is left; the failure that led here is the one to tell.
        }
    }

    private ContainerRuntimeException notRunning() {
        return new ContainerRuntimeException(Code.FAILED_PRECONDITION, "container %s does not run".formatted(id));
    }
}
