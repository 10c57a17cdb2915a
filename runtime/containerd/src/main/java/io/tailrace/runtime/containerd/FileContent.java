package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveStructSparse;

/**
 * The content of a file out of an archive. What the archive says is a hole becomes one, and so do whole blocks of zeros, as
 * which an archive without holes tells them.
 */
final class FileContent {
    private static final int COPY_BYTES = 65_536;
    /** The unit in which common file systems keep files. */
    private static final int BLOCK_BYTES = 4_096;

    private static final byte[] ZEROS = new byte[BLOCK_BYTES];

    private FileContent() {}

    static void write(TarArchiveEntry entry, TarArchiveInputStream source, int parent, String name, ContainerRoot root)
            throws IOException {
        int descriptor = LinuxFiles.open(
                parent, name, Linux.O_WRONLY | LinuxFiles.O_CREAT | LinuxFiles.O_EXCL | LinuxFiles.O_NOFOLLOW);
        try (FileChannel target = FileChannel.open(LinuxFiles.again(descriptor), StandardOpenOption.WRITE)) {
            long sizeBytes = entry.getRealSize();
            long position = 0;
            List<TarArchiveStructSparse> parts = entry.isSparse() ? entry.getOrderedSparseHeaders() : List.of();
            for (TarArchiveStructSparse part : parts) {
                skip(source, part.getOffset() - position);
                copy(source, target, part.getOffset(), part.getNumbytes(), name, root);
                position = part.getOffset() + part.getNumbytes();
            }
            if (parts.isEmpty()) {
                copy(source, target, 0, sizeBytes, name, root);
            }
            end(target, sizeBytes, name);
        } finally {
            Linux.close(descriptor);
        }
    }

    private static void skip(InputStream source, long count) throws IOException {
        long left = count;
        while (left > 0) {
            long skipped = source.skip(left);
            if (skipped <= 0) {
                throw new IOException("a file with holes ends too early");
            }
            left -= skipped;
        }
    }

    private static void copy(
            InputStream source, FileChannel target, long from, long sizeBytes, String name, ContainerRoot root)
            throws IOException {
        byte[] buffer = new byte[COPY_BYTES];
        long position = from;
        for (long left = sizeBytes; left > 0; ) {
            root.check();
            int count = source.readNBytes(buffer, 0, (int) Math.min(COPY_BYTES, left));
            if (count == 0) {
                throw new IOException("a file ends too early");
            }
            write(buffer, count, target, position, name);
            position += count;
            left -= count;
        }
    }

    private static void write(byte[] bytes, int count, FileChannel target, long position, String name)
            throws IOException {
        int at = 0;
        while (at < count) {
            int from = at;
            while (at < count && !isZeros(bytes, at, end(at, count))) {
                at = end(at, count);
            }
            if (at > from) {
                put(target, ByteBuffer.wrap(bytes, from, at - from), position + from, name);
            } else {
                at = end(at, count);
            }
        }
    }

    private static int end(int block, int count) {
        return Math.min(count, block + BLOCK_BYTES);
    }

    private static boolean isZeros(byte[] bytes, int from, int to) {
        return to - from == BLOCK_BYTES && Arrays.equals(bytes, from, to, ZEROS, 0, BLOCK_BYTES);
    }

    private static void put(FileChannel target, ByteBuffer bytes, long position, String name) {
        long at = position;
        try {
            while (bytes.hasRemaining()) {
                at += target.write(bytes, at);
            }
        } catch (IOException failure) {
            throw unwritten(name, failure);
        }
    }

    /** A hole at the end is made by the last byte. */
    private static void end(FileChannel target, long sizeBytes, String name) {
        try {
            if (target.size() < sizeBytes) {
                int count = target.write(ByteBuffer.wrap(new byte[1]), sizeBytes - 1);
                assert count == 1;
            }
        } catch (IOException failure) {
            throw unwritten(name, failure);
        }
    }

    private static ContainerRuntimeException unwritten(String name, IOException failure) {
        String reason = String.valueOf(failure.getMessage());
        String words = reason.toLowerCase(Locale.ROOT);
        Code code = words.contains("no space left") || words.contains("quota")
                ? Code.RESOURCE_EXHAUSTED
                : words.contains("too large") || words.contains("invalid argument")
                        ? Code.INVALID_ARGUMENT
                        : Code.INTERNAL;
        return new ContainerRuntimeException(code, "path: %s: %s".formatted(LinuxFiles.shown(name), reason), failure);
    }
}
