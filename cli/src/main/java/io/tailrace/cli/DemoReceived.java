package io.tailrace.cli;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32;

/** What a watcher received of one stream: enough to prove that two received the same. Thread-safe. */
final class DemoReceived {
    @GuardedBy("this") private final CRC32 crc32 = new CRC32();

    @GuardedBy("this") private final MessageDigest sha256;

    @GuardedBy("this") private long length;

    DemoReceived() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Figures of a stream. @param sha256 hex */
    record Figures(long length, long crc32, String sha256) {}

    synchronized void add(byte[] bytes, int count) {
        crc32.update(bytes, 0, count);
        sha256.update(bytes, 0, count);
        length += count;
    }

    synchronized long length() {
        return length;
    }

    /** To be asked for once, at the end. */
    synchronized Figures figures() {
        return new Figures(length, crc32.getValue(), HexFormat.of().formatHex(sha256.digest()));
    }
}
