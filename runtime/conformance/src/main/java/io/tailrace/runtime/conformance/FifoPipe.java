package io.tailrace.runtime.conformance;

import io.tailrace.runtime.spi.ProcessOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A named pipe of the kernel. The machine keeps a reading end open of its own, from which it never reads, so that bytes
 * wait while nobody else has it open, also when the writer has gone. Thread-safe; a waiting writer blocks its platform
 * thread.
 */
final class FifoPipe implements BytePipe {
    private static final int MODE_OWNER = 0600;
    private static final MethodHandle MKFIFO = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("mkfifo"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

    private final Path path;
    private final FileChannel keeper;
    private final FileChannel writer;

    FifoPipe(Path path) {
        this.path = path;
        try {
            make(path);
            // Opening either end alone would wait for the other one.
            try (FileChannel both = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                keeper = FileChannel.open(path, StandardOpenOption.READ);
                writer = FileChannel.open(path, StandardOpenOption.WRITE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void make(Path path) throws IOException {
        Files.createDirectories(path.getParent());
        try (Arena arena = Arena.ofConfined()) {
            if ((int) MKFIFO.invokeExact(arena.allocateFrom(path.toString()), MODE_OWNER) != 0) {
                throw new IOException("mkfifo " + path + " failed");
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void write(ByteBuffer source) throws IOException {
        while (source.hasRemaining()) {
            writer.write(source);
        }
    }

    @Override
    public void closeWriter() {
        close(writer);
    }

    @Override
    public ProcessOutput connect() {
        return new ProcessOutput.Pipe(path);
    }

    @Override
    public void disconnect(ProcessOutput output) {
        // Whoever opened it closes it.
    }

    @Override
    public void destroy() {
        close(writer);
        close(keeper);
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
