package io.tailrace.runtime.conformance;

import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.ProcessInput;
import io.tailrace.runtime.spi.ProcessOutput;
import io.tailrace.runtime.spi.RuntimeProcess;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A scripted process as one runtime sees it. Thread-safe. */
final class ProcessView implements RuntimeProcess {
    private final ScriptedRuntime runtime;
    private final ScriptedContainer container;
    private final ScriptedProcess process;
    private final ProcessOutput stdout;
    private final @Nullable ProcessOutput stderr;

    ProcessView(ScriptedRuntime runtime, ScriptedContainer container, ScriptedProcess process) {
        this.runtime = runtime;
        this.container = container;
        this.process = process;
        stdout = process.stdout().connect();
        stderr = process.stderr() == null ? null : process.stderr().connect();
    }

    void disconnect() {
        process.stdout().disconnect(stdout);
        BytePipe pipe = process.stderr();
        if (pipe != null && stderr != null) {
            pipe.disconnect(stderr);
        }
    }

    @Override
    public ProcessOutput stdout() {
        return stdout;
    }

    @Override
    public Optional<ProcessOutput> stderr() {
        return Optional.ofNullable(stderr);
    }

    @Override
    public Optional<ProcessInput> stdin() {
        return Optional.ofNullable(process.stdin()).map(Input::new);
    }

    @Override
    public void start() {
        if (container.isForeign() && process.status() != Status.CREATED) {
            return; // others have begun it
        }
        runtime.entering(ScriptedMachine.Call.START);
        process.start();
        container.endIfOrphaned(process);
    }

    @Override
    public CompletableFuture<ProcessExit> exit() {
        return process.exit().copy();
    }

    @Override
    public Status status() {
        runtime.checkOpen();
        return process.status();
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public void signal(int number) {
        runtime.entering(ScriptedMachine.Call.SIGNAL);
        process.signal(number);
    }

    @Override
    public void resize(TerminalSize size) {
        runtime.checkOpen();
        process.resize(size);
    }

    @Override
    public void delete() {
        runtime.entering(ScriptedMachine.Call.DELETE);
        container.delete(process);
        runtime.forget(this);
    }

    private record Input(MemoryPipe pipe) implements ProcessInput {
        @Override
        public int write(ByteBuffer source) throws IOException, InterruptedException {
            return pipe.writeSome(source);
        }

        @Override
        public void closeStdin() {
            pipe.closeWriter();
        }
    }
}
