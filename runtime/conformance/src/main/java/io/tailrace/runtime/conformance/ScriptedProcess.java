package io.tailrace.runtime.conformance;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.FileChange;
import io.tailrace.runtime.spi.ProcessExit;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeProcess;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A process of the scripted machine, as its script and the test that steers it see it. Thread-safe: a test may write, end
 * or break it from outside while its script runs.
 */
public final class ScriptedProcess {
    private static final Set<Integer> IGNORED_BY_DEFAULT = Set.of(17, 18, 23, 28);
    private static final int SIGKILL = 9;

    private final ScriptedMachine machine;
    private final String name;
    private final ProcessSpec spec;
    private final ContainerSpec container;
    private final long pid;
    private final Instant madeAt;
    private final BytePipe stdout;
    private final @Nullable BytePipe stderr;
    private final @Nullable MemoryPipe stdin;
    private final CompletableFuture<ProcessExit> exit = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock") private final Set<Integer> ignored = new HashSet<>(IGNORED_BY_DEFAULT);

    @GuardedBy("lock") private final Set<Integer> received = new HashSet<>();

    @GuardedBy("lock") private RuntimeProcess.Status status = RuntimeProcess.Status.CREATED;

    @GuardedBy("lock") private @Nullable TerminalSize size;

    @GuardedBy("lock") private int resizes;

    @GuardedBy("lock") private @Nullable Thread thread;

    @GuardedBy("lock") private boolean isOutputHeld;

    /** @param isKept whether its output is kept, as by an engine, instead of waiting for its reader */
    ScriptedProcess(
            ScriptedMachine machine, String name, long pid, ContainerSpec container, ProcessSpec spec, boolean isKept) {
        this.machine = machine;
        this.name = name;
        this.pid = pid;
        this.container = container;
        this.spec = spec;
        size = spec.terminal();
        stdout = isKept ? new KeptPipe() : machine.pipe(name + "-" + pid + ".stdout");
        stderr = spec.terminal() != null ? null : isKept ? new KeptPipe() : machine.pipe(name + "-" + pid + ".stderr");
        stdin = spec.hasStdin() ? new MemoryPipe() : null;
        madeAt = machine.now();
    }

    /** When it was made, which is as good. */
    Instant startedAt() {
        return madeAt;
    }

    /** The command and its arguments. */
    public List<String> arguments() {
        return spec.arguments();
    }

    /** Everything it was started with. */
    public ProcessSpec spec() {
        return spec;
    }

    /** The address of another container in a network of its own. */
    Optional<String> resolve(String other) {
        return machine.resolve(container.id(), other);
    }

    /** What its container was made of. */
    public ContainerSpec container() {
        return container;
    }

    /** Writes to stdout; waits while the pipe is full or the process is frozen. */
    public void out(String text) throws IOException, InterruptedException {
        out(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes to stdout; waits while the pipe is full or the process is frozen. */
    public void out(byte[] data) throws IOException, InterruptedException {
        awaitThaw();
        stdout.write(ByteBuffer.wrap(data));
    }

    /** Writes to stderr (with a terminal: to the terminal). */
    public void err(String text) throws IOException, InterruptedException {
        err(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes to stderr (with a terminal: to the terminal). */
    public void err(byte[] data) throws IOException, InterruptedException {
        awaitThaw();
        (stderr == null ? stdout : stderr).write(ByteBuffer.wrap(data));
    }

    /** Says that it has changed a file of its container. @param bytes that it takes on the disk then */
    public void changes(FileChange change, long bytes) {
        machine.container(container.id()).files().change(change, bytes);
    }

    /** Reads stdin; waits for the first byte. -1 at the end, at once if it has none. */
    public int read(byte[] target) throws IOException, InterruptedException {
        return stdin == null ? -1 : stdin.read(ByteBuffer.wrap(target));
    }

    /** The size of its terminal now; null without one. */
    public @Nullable TerminalSize terminalSize() {
        lock.lock();
        try {
            return size;
        } finally {
            lock.unlock();
        }
    }

    /** How often its terminal was given a size since its start. */
    public int resizes() {
        lock.lock();
        try {
            return resizes;
        } finally {
            lock.unlock();
        }
    }

    /** From now on a signal does nothing but count as received. SIGKILL cannot be ignored. */
    public void ignore(int signal) {
        lock.lock();
        try {
            if (signal != SIGKILL) {
                ignored.add(signal);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until a signal that it ignores has come. */
    public void awaitSignal(int signal) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!received.contains(signal)) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until it is ended from outside. */
    public void hold() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (status != RuntimeProcess.Status.EXITED) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits. */
    public void sleep(Duration duration) throws InterruptedException {
        Thread.sleep(duration);
    }

    /** Ends it with an exit code. */
    public void exit(int code) {
        end(new ProcessExit(code, false, false, machine.now()));
    }

    /** Ends it as a signal does. */
    public void kill(int signal) {
        exit(128 + signal);
    }

    /** Ends it as the kernel does when its container has no memory left. */
    public void runOutOfMemory() {
        end(new ProcessExit(128 + SIGKILL, true, false, machine.now()));
    }

    /** Ends it, and the runtime does not know how. */
    public void lose() {
        end(new ProcessExit(255, false, true, machine.now()));
    }

    /** Its output stays open when it ends, as if a grandchild held it, until {@link #releaseOutput}. */
    public void holdOutput() {
        lock.lock();
        try {
            isOutputHeld = true;
        } finally {
            lock.unlock();
        }
    }

    /** The grandchild of {@link #holdOutput} ends too. */
    public void releaseOutput() {
        lock.lock();
        try {
            isOutputHeld = false;
        } finally {
            lock.unlock();
        }
        closeOutput();
    }

    /** Its process id, also when it does not run: later processes have greater ones. */
    public long id() {
        return pid;
    }

    /** How it ended; empty before. */
    public Optional<ProcessExit> ended() {
        return Optional.ofNullable(exit.getNow(null));
    }

    /** Loses what was kept of its output and nobody has read. */
    void loseOutput() {
        for (BytePipe pipe : stderr == null ? List.of(stdout) : List.of(stdout, stderr)) {
            if (pipe instanceof KeptPipe kept) {
                kept.lose();
            }
        }
    }

    BytePipe stdout() {
        return stdout;
    }

    @Nullable BytePipe stderr() {
        return stderr;
    }

    @Nullable MemoryPipe stdin() {
        return stdin;
    }

    CompletableFuture<ProcessExit> exit() {
        return exit;
    }

    RuntimeProcess.Status status() {
        lock.lock();
        try {
            return status;
        } finally {
            lock.unlock();
        }
    }

    boolean isUp() {
        RuntimeProcess.Status now = status();
        return now == RuntimeProcess.Status.RUNNING || now == RuntimeProcess.Status.PAUSED;
    }

    long pid() {
        return isUp() ? pid : 0;
    }

    void start() {
        Script script;
        try {
            script = machine.scriptOf(arguments().getFirst());
        } catch (ContainerRuntimeException e) {
            closeOutput();
            throw e;
        }
        lock.lock();
        try {
            if (status != RuntimeProcess.Status.CREATED) {
                throw new ContainerRuntimeException(
                        Code.FAILED_PRECONDITION, "process %s is %s (expected: created)".formatted(name, status));
            }
            status = RuntimeProcess.Status.RUNNING;
            thread = machine.threads(name).newThread(() -> run(script));
            thread.start();
        } finally {
            lock.unlock();
        }
    }

    private void run(Script script) {
        try {
            exit(script.run(this) & 0xFF);
        } catch (IOException | InterruptedException e) {
            // It was ended from outside, or its pipe was: what the kernel would do with a process that writes on.
            kill(13);
        }
    }

    void signal(int number) {
        lock.lock();
        try {
            if (status != RuntimeProcess.Status.RUNNING && status != RuntimeProcess.Status.PAUSED) {
                throw notRunning();
            }
            received.add(number);
            changed.signalAll();
            if (ignored.contains(number)) {
                return;
            }
        } finally {
            lock.unlock();
        }
        kill(number);
    }

    void pause() {
        become(RuntimeProcess.Status.RUNNING, RuntimeProcess.Status.PAUSED);
    }

    void resume() {
        become(RuntimeProcess.Status.PAUSED, RuntimeProcess.Status.RUNNING);
    }

    private void become(RuntimeProcess.Status from, RuntimeProcess.Status to) {
        lock.lock();
        try {
            if (status != from) {
                throw new ContainerRuntimeException(
                        Code.FAILED_PRECONDITION, "process %s is %s (expected: %s)".formatted(name, status, from));
            }
            status = to;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void resize(TerminalSize newSize) {
        lock.lock();
        try {
            if (size == null) {
                throw new ContainerRuntimeException(
                        Code.FAILED_PRECONDITION, "process %s has no terminal".formatted(name));
            }
            size = newSize;
            resizes++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void end(ProcessExit how) {
        Thread running;
        lock.lock();
        try {
            if (status != RuntimeProcess.Status.RUNNING && status != RuntimeProcess.Status.PAUSED) {
                return;
            }
            status = RuntimeProcess.Status.EXITED;
            running = thread;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (running != null && !running.equals(Thread.currentThread())) {
            running.interrupt();
        }
        closeOutput();
        if (stdin != null) {
            stdin.closeReader();
        }
        machine.ended(this);
        exit.complete(how);
    }

    private void closeOutput() {
        lock.lock();
        try {
            if (isOutputHeld) {
                return;
            }
        } finally {
            lock.unlock();
        }
        stdout.closeWriter();
        if (stderr != null) {
            stderr.closeWriter();
        }
    }

    void destroy() {
        stdout.destroy();
        if (stderr != null) {
            stderr.destroy();
        }
        if (stdin != null) {
            stdin.destroy();
        }
    }

    ContainerRuntimeException notRunning() {
        return new ContainerRuntimeException(
                Code.FAILED_PRECONDITION, "process %s is %s (expected: running)".formatted(name, status()));
    }

    private void awaitThaw() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (status == RuntimeProcess.Status.PAUSED) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }
}
