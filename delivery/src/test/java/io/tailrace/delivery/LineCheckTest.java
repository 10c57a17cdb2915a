package io.tailrace.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LineCheckTest {
    private static final CountedLines LINES = new CountedLines("out", 5);
    private static final long LINE_BYTES = "out 1 xxxxx\n".length();

    @Test
    void whatCameWholeIsWhole() {
        LineCheck check = check(text(1, 2, 3));
        assertThat(check.bytes()).isEqualTo(3 * LINE_BYTES);
        assertThat(check.lost() + check.doubled() + check.reordered()).isZero();
        assertThat(check.count()).isEqualTo(3);
    }

    @Test
    void aMissingLineIsLost() {
        assertThat(check(text(1, 3)).lost()).isEqualTo(LINE_BYTES);
    }

    @Test
    void aMissingEndIsLostOnceItIsKnown() {
        LineCheck check = check(text(1, 2));
        assertThat(check.lost()).isZero();
        check.expect(4);
        assertThat(check.lost()).isEqualTo(2 * LINE_BYTES);
    }

    @Test
    void aLineThatComesAgainIsDoubled() {
        LineCheck check = check(text(1, 2, 2, 3));
        assertThat(check.doubled()).isEqualTo(LINE_BYTES);
        assertThat(check.lost() + check.reordered()).isZero();
    }

    @Test
    void aLineThatComesLateIsReordered() {
        LineCheck check = check(text(2, 1, 3));
        assertThat(check.reordered()).isEqualTo(LINE_BYTES);
        assertThat(check.lost() + check.doubled()).isZero();
    }

    @Test
    void aDamagedLineIsLost() {
        assertThat(check("out 1 xxyxx\nout 2 xxxxx\n").lost()).isPositive();
        assertThat(check("out 1 xxxxx\nout 2 xx").lost()).isPositive();
        assertThat(check("out 01 xxxxx\n").lost()).isPositive();
    }

    private static String text(int... numbers) {
        return IntStream.of(numbers).mapToObj(LINES::line).collect(Collectors.joining());
    }

    /** Fed byte by byte, since pieces may be cut anywhere. */
    private static LineCheck check(String text) {
        LineCheck check = LINES.check();
        for (byte one : text.getBytes(StandardCharsets.US_ASCII)) {
            check.accept(ByteBuffer.wrap(new byte[] {one}));
        }
        return check;
    }
}
