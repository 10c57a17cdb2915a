package io.tailrace.server.exec;

import io.tailrace.engine.Exec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What clients of this service call an exec, and what the engine calls it. Clients choose any text; many give the
 * container's own id for want of another, and then each new process needs a number of its own.
 */
final class ExecNames {
    private static final Pattern VALID = Pattern.compile("[a-zA-Z0-9_.-]{1,64}");

    /** Of processes whose client gave the container's id for the exec's. */
    private static final String UNNAMED = "session";

    private static final int DIGEST_BYTES = 16;

    private ExecNames() {}

    /** The engine's id for a client's: the same where the engine allows it, else made of its digest. */
    static String engineId(String execId) {
        if (VALID.matcher(execId).matches()) {
            return execId;
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(execId.getBytes(StandardCharsets.UTF_8));
            return "exec-" + HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** The newest process without a name of its own. */
    static Optional<Exec> latestUnnamed(List<Exec> execs) {
        return execs.stream()
                .filter(exec -> number(exec.id()) > 0)
                .reduce((one, other) -> number(other.id()) > number(one.id()) ? other : one);
    }

    /** The id for the next one. */
    static String nextUnnamed(List<Exec> execs) {
        int last = latestUnnamed(execs).map(exec -> number(exec.id())).orElse(0);
        return UNNAMED + "-" + (last + 1);
    }

    private static int number(String engineId) {
        if (!engineId.matches(UNNAMED + "-[1-9][0-9]{0,8}")) {
            return 0;
        }
        return Integer.parseInt(engineId.substring(UNNAMED.length() + 1));
    }
}
