package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Names exec processes as containerd allows it, which is narrower than what the runtime interface allows. */
final class ExecId {
    private static final Pattern ALLOWED = Pattern.compile("[a-zA-Z0-9_.-]{1,64}");
    private static final Pattern ALLOWED_BY_CONTAINERD = Pattern.compile("[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*");
    private static final int HASH_CHARACTERS = 32;

    private ExecId() {}

    /** containerd's name for an exec id: the same, or derived from it. */
    static String of(String id) {
        if (!ALLOWED.matcher(id).matches()) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "exec id: %s (expected: %s)".formatted(id, ALLOWED.pattern()));
        }
        if (ALLOWED_BY_CONTAINERD.matcher(id).matches()) {
            return id;
        }
        String digest = Digests.of(id.getBytes(StandardCharsets.UTF_8));
        return "exec-" + digest.substring("sha256:".length()).substring(0, HASH_CHARACTERS);
    }
}
