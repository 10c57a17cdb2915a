package io.tailrace.runtime.containerd;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Content digests in the form {@code sha256:<hex>}. */
final class Digests {
    private static final int BUFFER_BYTES = 256 << 10;

    private Digests() {}

    static String of(byte[] bytes) {
        return named(sha256().digest(bytes));
    }

    /** Of a stream, which is read to its end. */
    static String of(InputStream source) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int read = source.read(buffer); read >= 0; read = source.read(buffer)) {
            digest.update(buffer, 0, read);
        }
        return named(digest.digest());
    }

    private static String named(byte[] digest) {
        return "sha256:" + HexFormat.of().formatHex(digest);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
