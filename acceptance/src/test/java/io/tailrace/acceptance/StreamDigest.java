package io.tailrace.acceptance;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32;

/** The length, CRC-32 and SHA-256 of bytes that are too many to keep. Not thread-safe. */
final class StreamDigest {
    private final MessageDigest sha256;
    private final CRC32 crc32 = new CRC32();
    private long length;

    StreamDigest() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static StreamDigest of(byte[] bytes) {
        return of(new ByteArrayInputStream(bytes));
    }

    /** Reads a stream to its end. */
    static StreamDigest of(InputStream in) {
        StreamDigest digest = new StreamDigest();
        byte[] buffer = new byte[1 << 16];
        try {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.add(ByteBuffer.wrap(buffer, 0, count));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return digest;
    }

    void add(ByteBuffer bytes) {
        length += bytes.remaining();
        crc32.update(bytes.duplicate());
        sha256.update(bytes.duplicate());
    }

    long length() {
        return length;
    }

    long crc32() {
        return crc32.getValue();
    }

    /** Length and SHA-256: what two streams have in common if they are the same. Ends the digest. */
    String identity() {
        try {
            return length + " bytes, sha256 " + HexFormat.of().formatHex(((MessageDigest) sha256.clone()).digest());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }
}
