package io.tailrace.cli.terminal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The controlling terminal, through libc: termios(3) and ioctl_tty(2). Thread-safe.
 *
 * <p>struct termios is left opaque: libc's cfmakeraw knows it, and it is far smaller than what is set aside for it.
 */
public final class Terminal {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final long TERMIOS_BYTES_MAX = 256;
    private static final int TCSADRAIN = 1;
    /** Of asm-generic/ioctls.h, the same on x86-64 and arm64. */
    private static final long TIOCGWINSZ = 0x5413;

    private static final MethodHandle TCGETATTR =
            function("tcgetattr", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
    private static final MethodHandle TCSETATTR = function(
            "tcsetattr", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS);

    private Terminal() {}

    /**
     * The size of the terminal open at a file descriptor, as rows and columns.
     *
     * @return empty if there is none, or it does not know its size
     */
    public static Optional<Size> size(int descriptor) {
        try (var arena = Arena.ofConfined()) {
            var ioctl = LINKER.downcallHandle(
                    symbol("ioctl"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
                    Linker.Option.firstVariadicArg(2));
            var size = arena.allocate(ValueLayout.JAVA_SHORT, 4);
            int result = (int) ioctl.invokeExact(descriptor, TIOCGWINSZ, size);
            int rows = Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, 0));
            int columns = Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, 2));
            return result == 0 && rows > 0 && columns > 0 ? Optional.of(new Size(columns, rows)) : Optional.empty();
        } catch (Throwable e) {
            throw new IllegalStateException("ioctl(TIOCGWINSZ): " + e, e);
        }
    }

    /** Hands every key on as it is typed, without echo, until closed. */
    public static RawMode raw(int descriptor) {
        return new RawMode(descriptor);
    }

    /** The size of a terminal. */
    public record Size(int columns, int rows) {}

    /** A terminal in raw mode; closing it, or the end of the process, puts it back as it was. */
    public static final class RawMode implements AutoCloseable {
        private final int descriptor;
        private final Arena arena = Arena.ofShared();
        private final MemorySegment saved;
        private final Thread hook = new Thread(this::restore, "tailrace-restore-terminal");
        private boolean isRestored;

        private RawMode(int descriptor) {
            this.descriptor = descriptor;
            this.saved = arena.allocate(TERMIOS_BYTES_MAX);
            var raw = arena.allocate(TERMIOS_BYTES_MAX);
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                check("tcgetattr", (int) TCGETATTR.invokeExact(descriptor, saved));
                raw.copyFrom(saved);
                var makeRaw =
                        LINKER.downcallHandle(symbol("cfmakeraw"), FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
                makeRaw.invokeExact(raw);
                check("tcsetattr", (int) TCSETATTR.invokeExact(descriptor, TCSADRAIN, raw));
            } catch (Throwable e) {
                throw new IllegalStateException("the terminal cannot be set: " + e.getMessage(), e);
            }
        }

        private synchronized void restore() {
            if (isRestored) {
                return;
            }
            isRestored = true;
            try {
                check("tcsetattr", (int) TCSETATTR.invokeExact(descriptor, TCSADRAIN, saved));
            } catch (Throwable e) {
                throw new IllegalStateException("the terminal cannot be restored: " + e.getMessage(), e);
            }
        }

        @Override
        public void close() {
            restore();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException alreadyShuttingDown) {
                // The hook finds it restored.
            }
        }
    }

    private static void check(String function, int result) {
        if (result != 0) {
            throw new IllegalStateException(function + ": " + result + " (expected: 0)");
        }
    }

    private static MethodHandle function(
            String name, ValueLayout.OfInt result, java.lang.foreign.MemoryLayout... arguments) {
        return LINKER.downcallHandle(symbol(name), FunctionDescriptor.of(result, arguments));
    }

    private static MemorySegment symbol(String name) {
        return LINKER.defaultLookup().find(name).orElseThrow(() -> new IllegalStateException(name + ": not in libc"));
    }
}
