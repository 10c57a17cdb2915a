package io.tailrace.engine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineAssemblyTest {
    private record Text(long offset, String text) {}

    private static Text text(LineAssembly.Line line) {
        return new Text(
                line.offset(), ISO_8859_1.decode(line.bytes().duplicate()).toString());
    }

    /** The lines of a text that comes in parts. */
    private static List<Text> lines(String... parts) {
        LineAssembly assembly = new LineAssembly();
        List<Text> lines = new ArrayList<>();
        long offset = 0;
        for (String part : parts) {
            ByteBuffer data =
                    ByteBuffer.wrap(("##" + part).getBytes(ISO_8859_1)).position(2);
            while (data.hasRemaining()) {
                LineAssembly.Line line = assembly.take(data, offset + data.position() - 2);
                if (line != null) {
                    lines.add(text(line));
                }
            }
            offset += part.length();
        }
        LineAssembly.Line last = assembly.end();
        if (last != null) {
            lines.add(text(last));
        }
        return lines;
    }

    @Test
    void linesAreWholeHoweverTheyAreCut() {
        assertThat(lines("one\ntwo\r\n", "\nth", "r", "ee\r", "\nfour"))
                .containsExactly(
                        new Text(0, "one"),
                        new Text(4, "two"),
                        new Text(9, ""),
                        new Text(10, "three"),
                        new Text(17, "four"));
        assertThat(lines("")).isEmpty();
        assertThat(lines("a\rb\n")).containsExactly(new Text(0, "a\rb"));
    }

    @Test
    void aLineThatIsTooLongIsCutAndTheNextOneIsWhole() {
        String whole = "x".repeat(OutputLine.BYTES_MAX);
        assertThat(lines(whole + "\nnext\n")).containsExactly(new Text(0, whole), new Text(whole.length() + 1, "next"));
        assertThat(lines(whole, "\nnext")).containsExactly(new Text(0, whole), new Text(whole.length() + 1, "next"));
        String long3 = whole + whole + "yz";
        assertThat(lines(long3 + "\nnext")).containsExactly(new Text(0, whole), new Text(long3.length() + 1, "next"));
        assertThat(lines(whole, whole, "yz", "\n", "next\n"))
                .containsExactly(new Text(0, whole), new Text(long3.length() + 1, "next"));
        assertThat(lines(whole, "y")).containsExactly(new Text(0, whole));
    }

    @Test
    void whereATextIsCutMakesNoDifference() {
        long seed = Long.getLong("tailrace.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int run = 0; run < 200; run++) {
            StringBuilder all = new StringBuilder();
            for (int left = random.nextInt(400); left > 0; left--) {
                all.append("ab\r\n\n".charAt(random.nextInt(5)));
            }
            List<String> parts = new ArrayList<>();
            for (int at = 0; at < all.length(); ) {
                int end = Math.min(all.length(), at + 1 + random.nextInt(9));
                parts.add(all.substring(at, end));
                at = end;
            }
            assertThat(lines(parts.toArray(String[]::new))).as("seed %d", seed).isEqualTo(lines(all.toString()));
        }
    }
}
