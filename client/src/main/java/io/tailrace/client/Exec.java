package io.tailrace.client;

import io.tailrace.api.v1.ExecsGrpc;
import io.tailrace.api.v1.GetExecRequest;
import java.util.Optional;

/** A process that was added to a container; a handle that holds no state but its ids. Thread-safe. */
public final class Exec implements ContainerProcess {
    private final Connection connection;
    private final Container container;
    private final String id;

    Exec(Connection connection, Container container, String id) {
        this.connection = connection;
        this.container = container;
        this.id = id;
    }

    /** Unique in its container. */
    public String id() {
        return id;
    }

    /** The container it runs in. */
    public Container container() {
        return container;
    }

    /** Everything the server says about it. */
    public ExecInfo inspect() {
        return ContainerWire.exec(connection.call(
                ExecsGrpc.getGetMethod(),
                GetExecRequest.newBuilder()
                        .setContainer(container.id())
                        .setExec(id)
                        .build()));
    }

    @Override
    public ProcessStatus status() {
        return inspect().status();
    }

    @Override
    public Follow follow(FollowOptions options) {
        return new Follow(connection, container.id(), id, options);
    }

    @Override
    public Optional<LineMatch> waitForLine(LineOptions options) {
        return LineWait.await(connection, container.id(), id, options);
    }

    @Override
    public Stdin stdin() {
        return new Stdin(connection, container.id(), id);
    }

    @Override
    public void kill(String signal) {
        container.kill(id, signal);
    }

    @Override
    public void resize(TerminalSize size) {
        container.resize(id, size);
    }

    @Override
    public ExitStatus waitFor() {
        try (var follow = follow(new FollowOptions().kinds(RecordKind.STATE))) {
            for (var record : follow) {
                if (record instanceof TimelineRecord.Exit exit) {
                    return exit.status();
                }
            }
        }
        throw new TailraceException(ErrorCode.INCOMPLETE, "exec %s: its timeline ended without its exit".formatted(id));
    }

    @Override
    public String toString() {
        return "exec %s of %s".formatted(id, container);
    }
}
