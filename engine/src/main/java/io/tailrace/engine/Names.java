package io.tailrace.engine;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/** Ids and names for those who bring none. Thread-safe. */
final class Names {
    private static final int ID_BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final List<String> ADJECTIVES = List.of(
            "amber", "ancient", "bold", "brisk", "broad", "calm", "clear", "cool", "deep", "eager", "early", "gentle",
            "glad", "golden", "green", "hidden", "keen", "late", "lively", "lucid", "mellow", "mild", "narrow", "quick",
            "quiet", "rapid", "silver", "slow", "steady", "swift", "tidal", "winding");
    private static final List<String> NOUNS = List.of(
            "basin", "beck", "bend", "brook", "canal", "cascade", "channel", "cove", "creek", "current", "delta",
            "eddy", "estuary", "ford", "harbor", "inlet", "island", "lagoon", "lock", "marsh", "mill", "pond", "pool",
            "rapids", "reach", "river", "shoal", "sluice", "spring", "stream", "tide", "weir");

    private Names() {}

    /** 64 hex digits. */
    static String id() {
        byte[] bytes = new byte[ID_BYTES];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** A name that people can say; the id's digits keep it apart from others. */
    static String container(String id) {
        return "%s_%s_%s"
                .formatted(
                        ADJECTIVES.get(RANDOM.nextInt(ADJECTIVES.size())),
                        NOUNS.get(RANDOM.nextInt(NOUNS.size())),
                        id.substring(0, 6));
    }
}
