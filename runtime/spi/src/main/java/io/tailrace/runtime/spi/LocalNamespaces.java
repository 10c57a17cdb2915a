package io.tailrace.runtime.spi;

import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Connects to what listens in the namespaces of a process on this machine: for runtimes whose containers run here. Needs root.
 *
 * <p>A socket belongs for ever to the network namespace in which its thread was when it was made. So a thread of its own enters
 * the namespace, makes the socket and ends; whoever connects it may be any. A path is resolved by the kernel within the root
 * directory of the process, so that a symbolic link in the container leads nowhere else. Thread-safe.
 */
public final class LocalNamespaces {
    private static final int O_RDONLY_CLOEXEC = 0x80000;
    private static final int O_PATH_CLOEXEC = 0x280000;
    private static final int CLONE_NEWNET = 0x40000000;

    /** openat2(2), Linux 5.6: one number for all architectures. */
    private static final long SYS_OPENAT2 = 437;

    private static final long RESOLVE_IN_ROOT = 0x10;
    private static final long OPEN_HOW_BYTES = 24;
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;
    private static final Duration ENTER_TIMEOUT = Duration.ofSeconds(10);
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(StructLayout.PathElement.groupElement("errno"));
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final MethodHandle OPEN =
            call("open", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT), Linker.Option.firstVariadicArg(2));
    private static final MethodHandle CLOSE = call("close", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle SETNS = call("setns", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle SYSCALL = call(
            "syscall",
            FunctionDescriptor.of(LONG, LONG, LONG, ValueLayout.ADDRESS, ValueLayout.ADDRESS, LONG),
            Linker.Option.firstVariadicArg(1));

    private LocalNamespaces() {}

    /**
     * Connects.
     *
     * @param pid of a process in the container, on this machine
     * @param timeout until it is connected
     * @return blocking; the caller closes it
     * @throws IOException if nothing takes the connection
     * @throws ContainerRuntimeException PERMISSION_DENIED, UNSUPPORTED if this server or kernel cannot
     */
    public static SocketChannel connect(long pid, Listener listener, Duration timeout) throws IOException {
        return switch (listener) {
            case Listener.Port(int number) -> connect(pid, number, timeout);
            case Listener.Socket(String path) -> connect(pid, path);
        };
    }

    private static SocketChannel connect(long pid, int port, Duration timeout) throws IOException {
        SocketChannel channel = socketIn(pid);
        try {
            int millis = Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE);
            channel.socket().connect(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port), millis);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** A socket of the network that a process sees. */
    private static SocketChannel socketIn(long pid) throws IOException {
        // What the first one makes the JDK find out about the network is not to be that of a container.
        SocketChannel.open(StandardProtocolFamily.INET).close();
        CompletableFuture<SocketChannel> made = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("enter-network").start(() -> {
            try {
                enterNetworkOf(pid);
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.INET);
                if (!made.complete(channel)) {
                    channel.close();
                }
            } catch (IOException | RuntimeException e) {
                made.completeExceptionally(e);
            }
        });
        try {
            return made.get(ENTER_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ContainerRuntimeException failure) {
                throw failure;
            }
            throw new IOException("the network of process %d: %s".formatted(pid, e.getCause()), e);
        } catch (TimeoutException e) {
            throw new IOException("the network of process %d was not entered in time".formatted(pid), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            made.cancel(false); // if it is done only now, its thread closes it
        }
    }

    private static void enterNetworkOf(long pid) throws IOException {
        String path = "/proc/%d/ns/net".formatted(pid);
        int namespace = open(path, O_RDONLY_CLOEXEC);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            if ((int) SETNS.invokeExact(state, namespace, CLONE_NEWNET) < 0) {
                throw failure("setns", path, state);
            }
        } catch (Throwable e) {
            throw rethrown(e);
        } finally {
            close(namespace);
        }
    }

    private static SocketChannel connect(long pid, String path) throws IOException {
        int root = open("/proc/%d/root".formatted(pid), O_PATH_CLOEXEC);
        int socket = -1;
        try {
            socket = openIn(root, path);
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                // One with a full queue must not block.
                channel.configureBlocking(false);
                if (!channel.connect(UnixDomainSocketAddress.of("/proc/self/fd/" + socket))) {
                    throw new ConnectException("its queue is full");
                }
                channel.configureBlocking(true);
                return channel;
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } finally {
            close(root);
            if (socket >= 0) {
                close(socket);
            }
        }
    }

    /** A path as it is within a root directory, links included. @return a descriptor that only names it */
    private static int openIn(int root, String path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment how = arena.allocate(OPEN_HOW_BYTES, Long.BYTES);
            how.set(LONG, 0, O_PATH_CLOEXEC);
            how.set(LONG, 16, RESOLVE_IN_ROOT);
            long result = (long)
                    SYSCALL.invokeExact(state, SYS_OPENAT2, (long) root, arena.allocateFrom(path), how, OPEN_HOW_BYTES);
            if (result < 0) {
                throw failure("openat2", path, state);
            }
            return (int) result;
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    private static int open(String path, int flags) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int result = (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags);
            if (result < 0) {
                throw failure("open", path, state);
            }
            return result;
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    private static void close(int descriptor) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int ignored = (int) CLOSE.invokeExact(arena.allocate(STATE), descriptor);
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    private static Exception failure(String call, String path, MemorySegment state) {
        int errno = (int) ERRNO.get(state, 0L);
        return switch (errno) {
            case EPERM ->
                new ContainerRuntimeException(
                        Code.PERMISSION_DENIED,
                        "%s %s: not permitted (expected: a server that is root)".formatted(call, path));
            case ENOSYS ->
                new ContainerRuntimeException(
                        Code.UNSUPPORTED,
                        "%s %s: not in this kernel (expected: Linux 5.6 or later)".formatted(call, path));
            default -> new SocketException("%s %s: error %d".formatted(call, path, errno));
        };
    }

    private static IOException rethrown(Throwable failure) {
        return switch (failure) {
            case IOException e -> e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> new IOException(failure);
        };
    }

    private static MethodHandle call(String name, FunctionDescriptor descriptor, Linker.Option... more) {
        Linker.Option[] options = Arrays.copyOf(more, more.length + 1);
        options[more.length] = Linker.Option.captureCallState("errno");
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
    }
}
