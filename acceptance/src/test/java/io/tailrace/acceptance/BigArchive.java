package io.tailrace.acceptance;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** The tar of one big file, made while it is read. */
final class BigArchive extends InputStream {
    static final int HEADER_BYTES = 512;
    private static final int BLOCK_BYTES = 65_536;
    private static final int END_BYTES = 1_024;

    private final byte[] header;
    private final long sizeBytes;
    private final byte[] block = new byte[BLOCK_BYTES];
    private long position;

    /** @param sizeBytes a multiple of 64 KiB */
    BigArchive(long sizeBytes) throws IOException {
        this.sizeBytes = sizeBytes;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TarArchiveEntry entry = new TarArchiveEntry("big");
        entry.setSize(sizeBytes);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes);
        tar.putArchiveEntry(entry);
        header = bytes.toByteArray();
        if (header.length != HEADER_BYTES) {
            throw new IllegalStateException("header: %d bytes".formatted(header.length));
        }
    }

    /** The checksum of the file. */
    static long contents(long sizeBytes) {
        CRC32 sum = new CRC32();
        byte[] block = new byte[BLOCK_BYTES];
        for (long at = 0; at < sizeBytes; at += BLOCK_BYTES) {
            fill(block, at / BLOCK_BYTES);
            sum.update(block);
        }
        return sum.getValue();
    }

    private static void fill(byte[] block, long number) {
        ByteBuffer buffer = ByteBuffer.wrap(block);
        for (long value = number * BLOCK_BYTES + 1; buffer.hasRemaining(); value++) {
            buffer.putLong(value * 0x9e3779b97f4a7c15L);
        }
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        long end = HEADER_BYTES + sizeBytes + END_BYTES;
        if (position == end) {
            return -1;
        }
        long inFile = position - HEADER_BYTES;
        int count;
        if (inFile < 0) {
            count = (int) Math.min(length, -inFile);
            System.arraycopy(header, (int) position, target, offset, count);
        } else if (inFile < sizeBytes) {
            int at = (int) (inFile % BLOCK_BYTES);
            fill(block, inFile / BLOCK_BYTES);
            count = Math.min(length, BLOCK_BYTES - at);
            System.arraycopy(block, at, target, offset, count);
        } else {
            count = (int) Math.min(length, end - position);
            java.util.Arrays.fill(target, offset, offset + count, (byte) 0);
        }
        position += count;
        return count;
    }
}
