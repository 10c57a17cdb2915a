package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ChecksumTest {
    @Test
    void theChecksumOfTwoPiecesIsThatOfTheWhole() {
        var seed = System.nanoTime();
        var random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            var whole = new byte[random.nextInt(1, 70_000 >> random.nextInt(16))];
            random.nextBytes(whole);
            var cut = random.nextInt(whole.length + 1);
            var combined = Checksum.combine(
                    Checksum.of(whole, 0, cut), Checksum.of(whole, cut, whole.length - cut), whole.length - cut);
            assertThat(Integer.toUnsignedLong(combined)).as("seed %d", seed).isEqualTo(Records.crc(whole));
        }
    }

    @Test
    void lengthsBeyondFourGigabytesCombine() {
        // Zeros, doubled again and again, against the same put together from pieces.
        var piece = Checksum.of(new byte[1 << 20], 0, 1 << 20);
        var doubled = piece;
        for (long length = 1 << 20; length < 1L << 36; length <<= 1) {
            doubled = Checksum.combine(doubled, doubled, length);
        }
        var appended = 0;
        for (long length = 0; length < 1L << 36; length += 1 << 20) {
            appended = length == 0 ? piece : Checksum.combine(appended, piece, 1 << 20);
        }
        assertThat(doubled).isEqualTo(appended);
    }
}
