package io.tailrace.acceptance;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** An output of numbered lines that a container writes fast and a test can compute for itself. */
final class Lines {
    private static final int FIRST = 1_000_000;
    private static final int LINES_PER_BLOCK = 2_500_000;
    /** Seven digits and a newline. */
    private static final int LINE_BYTES = 8;
    /** Bytes of one block without its heading. */
    static final long BLOCK_BYTES = (long) LINES_PER_BLOCK * LINE_BYTES;

    private Lines() {}

    /** A script that writes some blocks to stdout, each under a heading of its own, and their SHA-256 to stderr. */
    static String script(int blocks) {
        return """
                seq %d %d >/tmp/block
                blocks() { i=0; while [ $i -lt %d ]; do i=$((i+1)); echo block $i; cat /tmp/block; done; }
                blocks
                blocks | sha256sum >&2
                """.formatted(FIRST, FIRST + LINES_PER_BLOCK - 1, blocks);
    }

    /** What the script writes to stdout. */
    static StreamDigest digest(int blocks) {
        ByteBuffer block = ByteBuffer.allocate((int) BLOCK_BYTES);
        for (int line = FIRST; line < FIRST + LINES_PER_BLOCK; line++) {
            putDigits(block, line);
            block.put((byte) '\n');
        }
        StreamDigest digest = new StreamDigest();
        for (int i = 1; i <= blocks; i++) {
            digest.add(ByteBuffer.wrap(("block " + i + "\n").getBytes(StandardCharsets.US_ASCII)));
            digest.add(block.flip().duplicate());
            block.position(block.limit());
        }
        return digest;
    }

    private static void putDigits(ByteBuffer to, int number) {
        for (int power = FIRST; power > 0; power /= 10) {
            to.put((byte) ('0' + number / power % 10));
        }
    }
}
