package io.tailrace.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a tar archive (ustar, IEEE Std 1003.1-2001) with what a small image needs: everything belongs to root and has the
 * same time, so that the same content gives the same bytes. One thread.
 */
final class TarWriter {
    private static final int BLOCK_BYTES = 512;
    private static final int NAME_BYTES_MAX = 100;
    /** 2025-01-01, so that nothing looks older than tar itself. */
    private static final long TIME_SECONDS = 1_735_689_600;

    private final OutputStream target;

    TarWriter(OutputStream target) {
        this.target = target;
    }

    void directory(String name, int mode) throws IOException {
        header(name + "/", mode, 0, '5', "");
    }

    void file(String name, int mode, byte[] content) throws IOException {
        header(name, mode, content.length, '0', "");
        target.write(content);
        target.write(new byte[(BLOCK_BYTES - content.length % BLOCK_BYTES) % BLOCK_BYTES]);
    }

    void symbolicLink(String name, String to) throws IOException {
        header(name, 0777, 0, '2', to);
    }

    /** Two empty blocks end an archive. */
    void finish() throws IOException {
        target.write(new byte[2 * BLOCK_BYTES]);
        target.flush();
    }

    private void header(String name, int mode, long size, char type, String link) throws IOException {
        var block = new byte[BLOCK_BYTES];
        text(block, 0, NAME_BYTES_MAX, name);
        octal(block, 100, 8, mode);
        octal(block, 108, 8, 0);
        octal(block, 116, 8, 0);
        octal(block, 124, 12, size);
        octal(block, 136, 12, TIME_SECONDS);
        text(block, 148, 8, "        ");
        block[156] = (byte) type;
        text(block, 157, NAME_BYTES_MAX, link);
        text(block, 257, 6, "ustar");
        text(block, 263, 2, "00");
        text(block, 265, 32, "root");
        text(block, 297, 32, "root");
        int sum = 0;
        for (byte value : block) {
            sum += value & 0xff;
        }
        text(block, 148, 8, "%06o".formatted(sum) + "\0 ");
        target.write(block);
    }

    private static void octal(byte[] block, int at, int length, long value) {
        text(block, at, length, ("%0" + (length - 1) + "o").formatted(value));
    }

    private static void text(byte[] block, int at, int length, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > length) {
            throw new IllegalArgumentException("tar: \"%s\" (expected: at most %d bytes)".formatted(text, length));
        }
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }
}
