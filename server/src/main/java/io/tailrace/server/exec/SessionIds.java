package io.tailrace.server.exec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Session ids: {@code container:exec:nanoseconds-16 hex digits}. The digits are a keyed checksum of the rest, so an id
 * says by itself which process it belongs to and that this server gave it: nothing needs to be remembered, and clients
 * can come back after a restart. The key is a file of the data directory. Thread-safe.
 */
public final class SessionIds {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int KEY_BYTES = 32;
    private static final int CHECKSUM_BYTES = 8;
    private static final Pattern ID =
            Pattern.compile("(([0-9a-f]{64}):([a-zA-Z0-9_.-]{1,64}):[0-9]{1,19})-([0-9a-f]{16})");

    private final byte[] key;

    private SessionIds(byte[] key) {
        this.key = key.clone();
    }

    /** The ids of a server, by the key in a file, which is made if it is missing. */
    public static SessionIds open(Path keyFile) throws IOException {
        if (!Files.exists(keyFile)) {
            byte[] key = new byte[KEY_BYTES];
            new SecureRandom().nextBytes(key);
            Path fresh = Files.createTempFile(
                    keyFile.toAbsolutePath().getParent(),
                    "session",
                    ".key",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(fresh, key);
            Files.move(fresh, keyFile, StandardCopyOption.ATOMIC_MOVE);
        }
        return new SessionIds(Files.readAllBytes(keyFile));
    }

    /**
     * The process that a session belongs to.
     *
     * @param execId the engine's; the container's id for its init process
     */
    record Named(String containerId, String execId) {}

    /** A new id for a process. */
    String create(Named named, long nanos) {
        String text = "%s:%s:%d".formatted(named.containerId(), named.execId(), nanos);
        return text + "-" + HexFormat.of().formatHex(checksum(text));
    }

    /** What an id stands for; empty if this server did not give it. */
    Optional<Named> read(String id) {
        Matcher matcher = ID.matcher(id);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        byte[] given = HexFormat.of().parseHex(matcher.group(4));
        return MessageDigest.isEqual(given, checksum(matcher.group(1)))
                ? Optional.of(new Named(matcher.group(2), matcher.group(3)))
                : Optional.empty();
    }

    private byte[] checksum(String text) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            byte[] whole = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
            return java.util.Arrays.copyOf(whole, CHECKSUM_BYTES);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java platform has " + ALGORITHM, e);
        }
    }
}
