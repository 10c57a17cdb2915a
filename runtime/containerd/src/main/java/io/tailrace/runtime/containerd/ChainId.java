package io.tailrace.runtime.containerd;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Names a stack of layers by a digest, as the OCI image specification defines it ("Layer ChainID"). */
final class ChainId {
    private ChainId() {}

    /** The chain id of these layers' uncompressed digests, lowest first; empty for none. */
    static String of(List<String> diffIds) {
        String chain = "";
        for (String diffId : diffIds) {
            chain = chain.isEmpty() ? diffId : Digests.of((chain + " " + diffId).getBytes(StandardCharsets.UTF_8));
        }
        return chain;
    }
}
