package io.tailrace.client;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Ids that this client chooses, so that a request that is repeated after a lost connection does nothing twice. */
final class Ids {
    private static final int CONTAINER_BYTES = 32;
    private static final int EXEC_BYTES = 8;

    private Ids() {}

    static String container() {
        return random(CONTAINER_BYTES);
    }

    static String exec() {
        return random(EXEC_BYTES);
    }

    /** Unique, not secret: SecureRandom would cost start-up time and nobody's safety hangs on an id. */
    private static String random(int length) {
        var bytes = new byte[length];
        ThreadLocalRandom.current().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
