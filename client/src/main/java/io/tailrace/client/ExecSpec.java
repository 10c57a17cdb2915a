package io.tailrace.client;

import io.tailrace.api.v1.CreateExecRequest;
import java.util.List;
import java.util.Map;

/**
 * A process to be added to a running container. Each method sets one thing and returns this; what is not set is as in
 * the container. Not thread-safe.
 */
public final class ExecSpec {
    private final CreateExecRequest.Builder request = CreateExecRequest.newBuilder();

    /** A process that runs a command. */
    public ExecSpec(String... command) {
        this(List.of(command));
    }

    /** A process that runs a command. */
    public ExecSpec(List<String> command) {
        request.addAllCommand(command);
    }

    /** The id, 1 to 64 of {@code [a-zA-Z0-9_.-]}, unique in the container. By default a random one. */
    public ExecSpec id(String id) {
        request.setId(id);
        return this;
    }

    /** Adds an environment variable. */
    public ExecSpec env(String name, String value) {
        request.putEnvironment(name, value);
        return this;
    }

    /** Adds environment variables. */
    public ExecSpec env(Map<String, String> environment) {
        request.putAllEnvironment(environment);
        return this;
    }

    /** The absolute path to run in. */
    public ExecSpec workingDirectory(String directory) {
        request.setWorkingDirectory(directory);
        return this;
    }

    /** Who runs: {@code user[:group]}, names or numbers. */
    public ExecSpec user(String user) {
        request.setUser(user);
        return this;
    }

    /** Lets clients write to its stdin. */
    public ExecSpec stdin() {
        request.setStdin(true);
        return this;
    }

    /** Gives it a terminal. */
    public ExecSpec terminal(TerminalSize size) {
        request.setTty(true).setTerminalSize(ContainerWire.terminalSize(size));
        return this;
    }

    /** Gives it all capabilities and devices. */
    public ExecSpec privileged() {
        request.setPrivileged(true);
        return this;
    }

    CreateExecRequest request(String containerId) {
        if (request.getId().isEmpty()) {
            request.setId(Ids.exec());
        }
        return request.clone().setContainer(containerId).build();
    }
}
