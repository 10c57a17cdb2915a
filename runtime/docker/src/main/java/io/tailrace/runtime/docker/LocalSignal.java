package io.tailrace.runtime.docker;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Signals a process of a container on this machine. An engine's API signals init processes only; for an exec it tells the
 * process id, which means something only where the engine runs: here, if the process is in the container's cgroup.
 */
final class LocalSignal {
    private static final int NO_SUCH_PROCESS = 3;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MemoryLayout ERRNO = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO_VALUE = ERRNO.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle KILL = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("kill"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
            Linker.Option.captureCallState("errno"));

    private LocalSignal() {}

    /**
     * Sends it.
     *
     * @param containerId the engine's
     * @param name of the process, for people
     * @throws ContainerRuntimeException UNSUPPORTED if the process is not on this machine
     */
    static void send(long pid, String containerId, int number, String name) {
        if (!isHere(pid, containerId)) {
            throw new ContainerRuntimeException(
                    Code.UNSUPPORTED,
                    "signal %d to %s: its process %d is not on this machine (expected: an engine on this machine)"
                            .formatted(number, name, pid));
        }
        int error = kill((int) pid, number);
        if (error == NO_SUCH_PROCESS) {
            throw new ContainerRuntimeException(Code.FAILED_PRECONDITION, "%s does not run".formatted(name));
        }
        if (error != 0) {
            throw new ContainerRuntimeException(
                    Code.PERMISSION_DENIED, "signal %d to %s: error %d of kill(2)".formatted(number, name, error));
        }
    }

    /** Whether a process is one of a container on this machine. */
    static boolean isHere(long pid, String containerId) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cgroup"))
                    .contains(containerId);
        } catch (IOException e) {
            return false;
        }
    }

    private static int kill(int pid, int number) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(ERRNO);
            int result = (int) KILL.invokeExact(state, pid, number);
            return result == 0 ? 0 : (int) ERRNO_VALUE.get(state, 0L);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
