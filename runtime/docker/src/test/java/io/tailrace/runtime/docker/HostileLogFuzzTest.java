package io.tailrace.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import io.tailrace.delivery.fuzz.Fuzzing;
import io.tailrace.runtime.spi.OutputLostException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What may stand in an engine's log after its disk, or another version of it, has had its way. */
@DeliveryTest
class HostileLogFuzzTest {
    private static final int READ_BYTES = 100;

    /** Field 4: it is a piece; field 5: its number, and that it is the last one. */
    private static final String PIECE = " \u0001*\u0002\u0018\u0001";

    private static final String LAST_PIECE = " \u0001*\u0004\u0008\u0001\u0018\u0002";

    @Test
    @Promise({1, 6})
    void aDamagedLogIsReadAsIfItWereWhole(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, HostileLogFuzzTest.class, "log", 5_000);
    }

    @Test
    @Promise(1)
    void aLogOfPiecesIsReadWithLineBreaksThatAreNotThere(Ledger ledger) {
        byte[] log = logSeeds().getFirst();
        assertThat(read(log, "stdout")).isEqualTo("a line\n\npiece and its end\nno end");
        assertThat(read(log, "stderr")).isEqualTo("oops\n");
        ledger.attempts(2);
        ledger.bytes(log.length);
    }

    static List<byte[]> logSeeds() {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(entry("stdout", "a line", ""));
        whole.writeBytes(entry("stderr", "oops", ""));
        whole.writeBytes(entry("stdout", "", ""));
        whole.writeBytes(entry("stdout", "piece", PIECE));
        whole.writeBytes(entry("stdout", " and its end", LAST_PIECE));
        whole.writeBytes(entry("stdout", "no end", PIECE));
        byte[] cut = whole.toByteArray();
        return List.of(whole.toByteArray(), Arrays.copyOf(cut, cut.length - 5));
    }

    private static byte[] entry(String stream, String line, String rest) {
        String message = "\n%c%s\u0010\u0007\u001a%c%s%s".formatted(stream.length(), stream, line.length(), line, rest);
        byte[] bytes = message.getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(bytes.length + 2 * LogEntry.FRAME_BYTES)
                .putInt(bytes.length)
                .put(bytes)
                .putInt(bytes.length)
                .array();
    }

    static void log(byte[] input) {
        String read = read(input, "stdout");
        // Of an entry, which takes more room than its line, there is one line break more at most.
        assertThat(read.length()).isLessThanOrEqualTo(input.length);
    }

    private static String read(byte[] log, String stream) {
        StringBuilder all = new StringBuilder();
        try {
            Path path = Files.createTempFile("tailrace-log", "");
            try (LogFile file =
                    new LogFile(Files.write(path, log), stream, 0, new LogFile.Outlook(() -> true, () -> 0))) {
                ByteBuffer some = ByteBuffer.allocate(READ_BYTES);
                while (file.read(some.clear()) >= 0) {
                    all.append(StandardCharsets.ISO_8859_1.decode(some.flip()));
                }
            } catch (OutputLostException refused) {
                // Told by a Gap.
            } finally {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all.toString();
    }
}
