package io.tailrace.runtime.docker;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/** What an archive holds, told by the names in it. */
enum ArchiveKind {
    /** As {@code docker save} writes it. */
    DOCKER,
    /** An OCI layout. */
    OCI,
    /** A root file system. */
    ROOT_FILE_SYSTEM,
    /** No tar. */
    UNKNOWN;

    private static final int BLOCK_BYTES = 512;
    private static final int ZIP_BUFFER_BYTES = 64 << 10;
    private static final int NAME_BYTES = 100;
    private static final int SIZE_AT = 124;
    private static final int SIZE_BYTES = 12;
    private static final int MAGIC_AT = 257;
    private static final int ENTRIES_MAX = 1_000_000;
    private static final int GZIP_0 = 0x1f;
    private static final int GZIP_1 = 0x8b;

    static ArchiveKind of(Path archive) throws IOException {
        try (InputStream file = new BufferedInputStream(Files.newInputStream(archive))) {
            file.mark(2);
            boolean isZipped = file.read() == GZIP_0 && file.read() == GZIP_1;
            file.reset();
            return of(isZipped ? new GZIPInputStream(file, ZIP_BUFFER_BYTES) : file);
        }
    }

    private static ArchiveKind of(InputStream tar) throws IOException {
        Set<String> told = new HashSet<>();
        boolean isTar = false;
        for (int entries = 0; entries < ENTRIES_MAX; entries++) {
            byte[] header = tar.readNBytes(BLOCK_BYTES);
            if (header.length < BLOCK_BYTES || header[0] == 0) {
                break;
            }
            if (!new String(header, MAGIC_AT, 5, StandardCharsets.US_ASCII).equals("ustar")) {
                return UNKNOWN;
            }
            isTar = true;
            String name = text(header, 0, NAME_BYTES);
            told.add(name.startsWith("./") ? name.substring(2) : name);
            long size = size(header);
            tar.skipNBytes((size + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES);
        }
        if (told.contains("manifest.json")) {
            return DOCKER;
        }
        if (told.contains("oci-layout") && told.contains("index.json")) {
            return OCI;
        }
        return isTar ? ROOT_FILE_SYSTEM : UNKNOWN;
    }

    private static String text(byte[] header, int at, int bytes) {
        int end = at;
        while (end < at + bytes && header[end] != 0) {
            end++;
        }
        return new String(header, at, end - at, StandardCharsets.UTF_8);
    }

    private static long size(byte[] header) throws IOException {
        if (header[SIZE_AT] < 0) {
            long size = 0;
            for (int i = SIZE_AT + 4; i < SIZE_AT + SIZE_BYTES; i++) {
                size = (size << 8) | (header[i] & 0xff);
            }
            return size;
        }
        String digits = text(header, SIZE_AT, SIZE_BYTES).strip();
        try {
            return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
        } catch (NumberFormatException e) {
            throw new IOException("a size in the archive: %s (expected: octal digits)".formatted(digits), e);
        }
    }
}
