package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a tar that somebody else made, plain or gzipped. What stands between the contents of two entries (names and
 * attributes of any length, to be kept in memory) has a bound. For one thread.
 */
final class ArchiveEntries {
    private static final int HEADERS_BYTES_MAX = 1 << 20;
    private static final int HEADER_BYTES = 512;
    private static final int BUFFER_BYTES = 65_536;
    private static final int GZIP_MAGIC = 0x1f8b;

    private final Bounded source;
    private final TarArchiveInputStream tar;

    ArchiveEntries(InputStream archive) throws IOException {
        source = new Bounded(plain(archive));
        tar = new TarArchiveInputStream(source, "UTF-8");
    }

    private static InputStream plain(InputStream archive) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(archive, BUFFER_BYTES);
        buffered.mark(2);
        int magic = (buffered.read() << 8) | buffered.read();
        buffered.reset();
        return magic == GZIP_MAGIC
                ? new BufferedInputStream(new GZIPInputStream(buffered, BUFFER_BYTES), BUFFER_BYTES)
                : buffered;
    }

    /** The content of the current entry. */
    TarArchiveInputStream content() {
        return tar;
    }

    /** The next entry; null at the end, which is read to. @throws ContainerRuntimeException INVALID_ARGUMENT if it is no tar */
    @Nullable TarArchiveEntry next() throws IOException {
        try {
            if (tar.getCurrentEntry() != null) {
                while (tar.skip(Long.MAX_VALUE) > 0) {
                    // The rest of what nobody wanted.
                }
            }
            source.left = HEADERS_BYTES_MAX;
            TarArchiveEntry entry = tar.getNextEntry();
            source.left = Long.MAX_VALUE;
            if (entry != null && !entry.isCheckSumOK()) {
                throw new IOException("the checksum of a header is wrong");
            }
            if (entry == null) {
                if (source.count > 0 && source.count < HEADER_BYTES) {
                    throw new IOException("it ends within its first header");
                }
                while (source.skip(Long.MAX_VALUE) > 0) {
                    // What comes after the end is nothing, but whoever sends it waits until it is taken.
                }
            }
            return entry;
        } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException broken) {
            throw broken(broken);
        }
    }

    /** A failure to read as what it is: whoever sent the archive has sent something else. */
    static ContainerRuntimeException broken(Exception failure) {
        return new ContainerRuntimeException(
                Code.INVALID_ARGUMENT, "archive: %s (expected: a tar)".formatted(failure.getMessage()), failure);
    }

    /** Bytes of which no more than some may be read until that is set anew. */
    private static final class Bounded extends FilterInputStream {
        private long left = Long.MAX_VALUE;
        private long count;

        Bounded(InputStream source) {
            super(source);
        }

        @Override
        public int read() throws IOException {
            require();
            int next = super.read();
            if (next >= 0) {
                took(1);
            }
            return next;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (length > 0) {
                require();
            }
            int taken = super.read(target, offset, (int) Math.min(length, left));
            took(Math.max(0, taken));
            return taken;
        }

        @Override
        public long skip(long wanted) throws IOException {
            long skipped = super.skip(Math.min(wanted, left));
            took(skipped);
            return skipped;
        }

        private void took(long bytes) {
            left -= bytes;
            count += bytes;
        }

        private void require() {
            if (left == 0) {
                throw new ContainerRuntimeException(
                        Code.INVALID_ARGUMENT,
                        "archive: more than %d bytes of headers (expected: an entry)".formatted(HEADERS_BYTES_MAX));
            }
        }
    }
}
