package io.tailrace.runtime.containerd;

import com.google.protobuf.Empty;
import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.containerd.proto.tasks.CreateTaskRequest;
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
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
    private final ContainerTask task;
    private final ContainerdExecs execs;

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
        task = new ContainerTask(services, id, cgroup);
        execs = new ContainerdExecs(services, id, directory, cgroup, task);
        stored = new StoredContainer(services.containerd(), id);
        ports = new PublishedPorts(services.network(), id, directory);
        files = new ContainerFileSystem(
                id, stored, directory, task::pid, () -> services.snapshots().mounts(id));
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
            process = prepared(stdio, null).watched();
        } catch (StatusRuntimeException failure) {
            Optional<ContainerRuntimeException> ofCommand = StartFailure.of(failure);
            if (ofCommand.isEmpty()) {
                if (Failures.isInDoubt(failure)) {
                    // The task may be there, so that it has to be deleted first.
                    init = prepared(stdio, null);
                } else {
                    giveUp(stdio);
                }
                throw Failures.of("prepare container " + id, failure);
            }
            process = prepared(stdio, ofCommand.get());
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
                .map(stdio -> task.recovered("", stdio, 0, this::forget))
                .orElse(null);
    }

    @Override
    public RuntimeProcess prepareExec(String execId, ProcessSpec spec) {
        return execs.prepare(execId, spec);
    }

    @Override
    public Optional<RuntimeProcess> recoverExec(String execId) {
        return execs.recover(execId);
    }

    private ContainerdProcess prepared(Stdio stdio, @Nullable ContainerRuntimeException failure) {
        return task.prepared("", stdio, 0, failure, this::forget);
    }

    /** Its init process is deleted. */
    private void forget() {
        services.networks().names().remove(id);
        unpublishQuietly();
        synchronized (this) {
            init = null;
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
        return LocalNamespaces.connect(task.runningPid(), listener, timeout);
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
        new LimitsUpdate(stored, cgroup, services.containerd(), task.calls(""), id).to(limits);
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
        return Usage.read(cgroup, task.runningPid(), labels.network() != NetworkMode.HOST);
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

    @Override
    public List<ProcessEntry> processes() {
        long pid = task.runningPid();
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
        execs.detach();
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
        execs.detach();
        ports.release();
    }

    private void running(String action, Supplier<Empty> call) {
        try {
            Empty done = call.get();
            assert done != null;
        } catch (StatusRuntimeException failure) {
            throw switch (failure.getStatus().getCode()) {
                case NOT_FOUND, FAILED_PRECONDITION -> task.notRunning();
                default ->
                    task.runningPid() == 0
                            ? task.notRunning()
                            : Failures.of("%s container %s".formatted(action, id), failure);
            };
        }
    }

    /** After a failure to prepare the init process. */
    private void giveUp(Stdio stdio) {
        services.networks().names().remove(id);
        unpublishQuietly();
        stdio.removeQuietly(services.keeper());
    }

    private void unpublishQuietly() {
        try {
            ports.unpublish();
        } catch (IOException left) {
            LOGGER.warn("container {}: its ports are still published: {}", id, left.getMessage());
        }
    }
}
