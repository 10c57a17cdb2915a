package io.tailrace.client;

import io.tailrace.api.v1.ContainerChangesRequest;
import io.tailrace.api.v1.ContainerStatsRequest;
import io.tailrace.api.v1.ContainersGrpc;
import io.tailrace.api.v1.ExecsGrpc;
import io.tailrace.api.v1.GetContainerRequest;
import io.tailrace.api.v1.GetExecRequest;
import io.tailrace.api.v1.KillContainerRequest;
import io.tailrace.api.v1.ListExecsRequest;
import io.tailrace.api.v1.PauseContainerRequest;
import io.tailrace.api.v1.RemoveContainerRequest;
import io.tailrace.api.v1.RenameContainerRequest;
import io.tailrace.api.v1.ResizeRequest;
import io.tailrace.api.v1.RestartContainerRequest;
import io.tailrace.api.v1.ResumeContainerRequest;
import io.tailrace.api.v1.StartContainerRequest;
import io.tailrace.api.v1.StatsHistoryRequest;
import io.tailrace.api.v1.StopContainerRequest;
import io.tailrace.api.v1.TimelinesGrpc;
import io.tailrace.api.v1.TopContainerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A container on the server; a handle that holds no state but its id. Thread-safe. Every method asks the server, and
 * fails with NOT_FOUND when the container is gone and its retention over.
 */
public final class Container implements ContainerProcess {
    private final Connection connection;
    private final String id;

    Container(Connection connection, String id) {
        this.connection = connection;
        this.id = id;
    }

    /** 64 hex digits. */
    public String id() {
        return id;
    }

    /** Everything the server says about it. */
    public ContainerInfo inspect() {
        return ContainerWire.container(connection.call(
                ContainersGrpc.getGetMethod(),
                GetContainerRequest.newBuilder().setContainer(id).build()));
    }

    @Override
    public ProcessStatus status() {
        return inspect().status();
    }

    /** Starts it; returns when its process runs. Running already: FAILED_PRECONDITION. */
    public ContainerInfo start() {
        return ContainerWire.container(connection.call(
                ContainersGrpc.getStartMethod(),
                StartContainerRequest.newBuilder().setContainer(id).build(),
                null));
    }

    /** Asks it to end, kills it when its grace is over; returns when it has exited. Not running: nothing. */
    public ContainerInfo stop() {
        return stop(null);
    }

    /** As {@link #stop()}. @param grace how long it has to end; null: the container's own */
    public ContainerInfo stop(@Nullable Duration grace) {
        var request = StopContainerRequest.newBuilder().setContainer(id);
        if (grace != null) {
            request.setGrace(Wire.duration(grace));
        }
        return ContainerWire.container(connection.call(ContainersGrpc.getStopMethod(), request.build(), null));
    }

    /** Stops it if it runs, then starts it. @param grace as for {@link #stop(Duration)} */
    public ContainerInfo restart(@Nullable Duration grace) {
        var request = RestartContainerRequest.newBuilder().setContainer(id);
        if (grace != null) {
            request.setGrace(Wire.duration(grace));
        }
        return ContainerWire.container(connection.call(ContainersGrpc.getRestartMethod(), request.build(), null));
    }

    @Override
    public void kill(String signal) {
        kill("", signal);
    }

    void kill(String execId, String signal) {
        connection.call(
                ContainersGrpc.getKillMethod(),
                KillContainerRequest.newBuilder()
                        .setContainer(id)
                        .setExec(execId)
                        .setSignal(signal)
                        .build());
    }

    /** Freezes its processes. */
    public ContainerInfo pause() {
        return ContainerWire.container(connection.call(
                ContainersGrpc.getPauseMethod(),
                PauseContainerRequest.newBuilder().setContainer(id).build()));
    }

    /** Thaws them. */
    public ContainerInfo resume() {
        return ContainerWire.container(connection.call(
                ContainersGrpc.getResumeMethod(),
                ResumeContainerRequest.newBuilder().setContainer(id).build()));
    }

    /**
     * Changes its limits and its restart policy, whether or not it runs. FAILED_PRECONDITION if it uses more memory than it
     * is to have; nothing is changed then.
     */
    public ContainerInfo update(ContainerUpdate update) {
        return ContainerWire.container(connection.call(ContainersGrpc.getUpdateMethod(), update.request(id)));
    }

    /** As {@link #update(ContainerUpdate)}. @param options is given the update to complete */
    public ContainerInfo update(Consumer<ContainerUpdate> options) {
        var update = new ContainerUpdate();
        options.accept(update);
        return update(update);
    }

    /** Gives it another name; its old one is free at once. ALREADY_EXISTS. */
    public ContainerInfo rename(String name) {
        return ContainerWire.container(connection.call(
                ContainersGrpc.getRenameMethod(),
                RenameContainerRequest.newBuilder()
                        .setContainer(id)
                        .setName(name)
                        .build()));
    }

    /** Removes it; its timeline stays for the server's retention period. @param isForced kills it first if it runs */
    public void remove(boolean isForced) {
        remove(isForced, false);
    }

    /** As {@link #remove(boolean)}. @param hasVolumes also the volumes that were made for it because it named none */
    public void remove(boolean isForced, boolean hasVolumes) {
        connection.call(
                ContainersGrpc.getRemoveMethod(),
                RemoveContainerRequest.newBuilder()
                        .setContainer(id)
                        .setForce(isForced)
                        .setVolumes(hasVolumes)
                        .build(),
                null);
    }

    @Override
    public ExitStatus waitFor() {
        var status = waitFor(WaitCondition.NOT_RUNNING, null).orElseThrow();
        var exit = status.exit();
        if (exit == null) {
            throw new TailraceException(
                    ErrorCode.FAILED_PRECONDITION,
                    "container %s: %s (expected: one that was started)"
                            .formatted(id, status.state().word()));
        }
        return exit;
    }

    /**
     * Waits for a condition; goes on waiting over a lost connection.
     *
     * @param timeout null: without limit
     * @return where it stands then; empty when the time is up
     */
    public Optional<ProcessStatus> waitFor(WaitCondition condition, @Nullable Duration timeout) {
        return new ContainerWait(connection, id, condition).await(timeout);
    }

    /** Its processes, by pid. Not running: FAILED_PRECONDITION. */
    public List<ProcessEntry> top() {
        return connection
                .call(
                        ContainersGrpc.getTopMethod(),
                        TopContainerRequest.newBuilder().setContainer(id).build())
                .getProcessesList()
                .stream()
                .map(Wire::process)
                .toList();
    }

    /** What it has changed in its image's files, by path. RESOURCE_EXHAUSTED for more than one answer holds. */
    public List<FileChange> changes() {
        return connection
                .call(
                        ContainersGrpc.getChangesMethod(),
                        ContainerChangesRequest.newBuilder().setContainer(id).build())
                .getChangesList()
                .stream()
                .map(Wire::change)
                .toList();
    }

    /** What it uses now. */
    public Stats stats() {
        return Wire.stats(connection.call(
                ContainersGrpc.getStatsMethod(),
                ContainerStatsRequest.newBuilder().setContainer(id).build()));
    }

    /** The samples that the server took of it, oldest first. @param limit of the newest; 0: all there are */
    public List<Stats> statsHistory(int limit) {
        var request = StatsHistoryRequest.newBuilder()
                .setContainer(id)
                .setLimit(limit)
                .build();
        return connection.call(ContainersGrpc.getStatsHistoryMethod(), request).getSamplesList().stream()
                .map(Wire::stats)
                .toList();
    }

    /** What a path in it is, whether it runs or not. Its last part is not followed, unless a slash comes after it. NOT_FOUND. */
    public PathStatus stat(String path) {
        return new FileStreams(connection, id).stat(path);
    }

    /** As {@link #copyTo(Path, String, CopyOptions)}, with neither option. */
    public void copyTo(Path source, String target) throws IOException {
        copyTo(source, target, CopyOptions.DEFAULT);
    }

    /**
     * Copies a file or a directory of this machine into it, whether it runs or not, by the rules of {@code docker cp}: into a
     * target that is a directory, else as the target, whose parent must exist. Of a source that ends with {@code /.} only what
     * is in the directory.
     *
     * @param target absolute
     * @throws IOException of this machine's files; what was copied before stays
     */
    public void copyTo(Path source, String target, CopyOptions options) throws IOException {
        new FileCopy(new FileStreams(connection, id), options).to(source, target);
    }

    /** As {@link #copyFrom(String, Path, CopyOptions)}, with neither option. */
    public void copyFrom(String source, Path target) throws IOException {
        copyFrom(source, target, CopyOptions.DEFAULT);
    }

    /**
     * Copies a file or a directory out of it, by the same rules. Nothing is written outside of the target, whatever the
     * container holds.
     *
     * @throws IOException of this machine's files; what was copied before stays
     */
    public void copyFrom(String source, Path target, CopyOptions options) throws IOException {
        new FileCopy(new FileStreams(connection, id), options).from(source, target);
    }

    /** Writes a path and all below it as a tar, in names that begin with the path's last part. @throws IOException the target's */
    public PathStatus readArchive(String path, OutputStream target) throws IOException {
        var read = new PathStatus[1];
        new FileStreams(connection, id).read(path, (status, archive) -> {
            read[0] = status;
            archive.transferTo(target);
        });
        return read[0];
    }

    /**
     * Unpacks a tar, gzipped or not, into a directory that exists.
     *
     * @param archive read to its end, not closed
     * @param mayReplace whether a file may take the place of a directory, and a directory that of a file
     * @throws IOException the archive's
     */
    public void writeArchive(String directory, InputStream archive, boolean mayReplace) throws IOException {
        new FileStreams(connection, id).write(directory, mayReplace, archive::transferTo);
    }

    /** Adds a process to it, and starts it. Not running: FAILED_PRECONDITION. */
    public Exec exec(String... command) {
        return exec(new ExecSpec(command));
    }

    /** Adds a process to it, and starts it. @param options is given the spec to complete */
    public Exec exec(List<String> command, Consumer<ExecSpec> options) {
        var spec = new ExecSpec(command);
        options.accept(spec);
        return exec(spec);
    }

    /** Adds a process to it, and starts it. COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE. */
    public Exec exec(ExecSpec spec) {
        var created = connection.call(ExecsGrpc.getCreateMethod(), spec.request(id));
        return new Exec(connection, this, created.getId());
    }

    /** The exec with an id. */
    public Exec getExec(String execId) {
        var exec = connection.call(
                ExecsGrpc.getGetMethod(),
                GetExecRequest.newBuilder().setContainer(id).setExec(execId).build());
        return new Exec(connection, this, exec.getId());
    }

    /** All execs, ended ones within retention included. */
    public List<ExecInfo> execs() {
        return connection
                .call(
                        ExecsGrpc.getListMethod(),
                        ListExecsRequest.newBuilder().setContainer(id).build())
                .getExecsList()
                .stream()
                .map(ContainerWire::exec)
                .toList();
    }

    @Override
    public Follow follow(FollowOptions options) {
        return new Follow(connection, id, "", options);
    }

    @Override
    public Optional<LineMatch> waitForLine(LineOptions options) {
        return LineWait.await(connection, id, "", options);
    }

    @Override
    public Stdin stdin() {
        return new Stdin(connection, id, "");
    }

    @Override
    public void resize(TerminalSize size) {
        resize("", size);
    }

    void resize(String execId, TerminalSize size) {
        connection.call(
                TimelinesGrpc.getResizeMethod(),
                ResizeRequest.newBuilder()
                        .setContainer(id)
                        .setExec(execId)
                        .setColumns(size.columns())
                        .setRows(size.rows())
                        .build());
    }

    @Override
    public String toString() {
        return "container " + id;
    }
}
