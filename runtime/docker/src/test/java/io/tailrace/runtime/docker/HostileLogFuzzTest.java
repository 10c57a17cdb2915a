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
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What may stand in an engine's log, and in what it sends of it, after its disk, or another version of it, has had its way. */
@DeliveryTest
class HostileLogFuzzTest {
    private static final int READ_BYTES = 100;

    /** Of what an engine sends, where it comes in pieces. */
    private static final int FEW_BYTES = 97;

    private static final String TIME = "2026-01-01T00:00:00.00000000";
    private static final String PIECE_TIME = "2026-01-01T02:00:00.5+01:00";

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

    @Test
    @Promise({1, 6})
    void whatAnEngineSendsOfItsLogIsCutElsewhereTakenForATimeOrNeverRefused(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, HostileLogFuzzTest.class, "frames", 5_000);
    }

    @Test
    @Promise({1, 6})
    void whatAnEngineSendsOfATerminalsLogIsCutElsewhereTakenForATimeOrNeverRefused(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, HostileLogFuzzTest.class, "terminal", 5_000);
    }

    @Test
    @Promise(1)
    void messagesOfAnEnginesLogAreReadWithOtherTimesOrBytes(Ledger ledger) {
        byte[] log = framesSeeds().getFirst();
        List<Told> expected = List.of(
                new Told(1_767_225_600_000_000_001L, "a line\n"),
                new Told(1_767_225_600_000_000_001L, ""),
                new Told(1_767_229_200_500_000_000L, PIECE_TIME + " is no time"),
                new Told(-1, "end"));
        assertThat(told(log, false, log.length)).isEqualTo(expected);
        byte[] terminal = terminalSeeds().getFirst();
        assertThat(told(terminal, true, terminal.length))
                .containsExactly(
                        new Told(1_767_225_600_000_000_001L, "a line\r\n"),
                        new Told(1_767_225_600_000_000_002L, "x".repeat(LogMessages.PIECE_BYTES)),
                        new Told(1_767_225_600_000_000_002L, "y\n"),
                        new Told(-1, "end"));
        ledger.attempts(2);
        ledger.bytes(log.length + terminal.length);
    }

    static List<byte[]> framesSeeds() {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(frame(1, TIME + "1Z a line\n"));
        whole.writeBytes(frame(2, TIME + "1Z "));
        whole.writeBytes(frame(0, PIECE_TIME + " " + PIECE_TIME + " is no time"));
        return List.of(
                whole.toByteArray(),
                Arrays.copyOf(whole.toByteArray(), whole.size() - 5),
                frame(3, "Error grabbing logs: unexpected EOF\n"),
                frame(3, "z".repeat(100_000)),
                frame(1, "+999999999-12-31T23:59:59.999999999-18:00 far"),
                frame(1, "0001-01-01T00:00:00Z Go's zero"));
    }

    static List<byte[]> terminalSeeds() {
        String whole = TIME + "1Z a line\r\n" + TIME + "2Z " + "x".repeat(LogMessages.PIECE_BYTES) + TIME + "2Z y\n";
        return List.of(
                whole.getBytes(StandardCharsets.ISO_8859_1),
                (TIME + "1Z no end").getBytes(StandardCharsets.ISO_8859_1),
                "+999999999-12-31T23:59:59.999999999-18:00 far\n".getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] frame(int stream, String message) {
        byte[] bytes = message.getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(FrameHeader.BYTES + bytes.length)
                .put((byte) stream)
                .position(FrameHeader.BYTES - Integer.BYTES)
                .putInt(bytes.length)
                .put(bytes)
                .array();
    }

    static void frames(byte[] input) {
        isSameHoweverItComes(input, false);
    }

    static void terminal(byte[] input) {
        isSameHoweverItComes(input, true);
    }

    private static void isSameHoweverItComes(byte[] input, boolean isRaw) {
        List<Told> whole = told(input, isRaw, input.length + 1);
        assertThat(told(input, isRaw, FEW_BYTES)).isEqualTo(whole);
        List<Told> messages = whole.subList(0, whole.size() - 1);
        assertThat(messages).allSatisfy(message -> assertThat(message.nanos()).isNotNegative());
        assertThat(messages.stream()
                        .mapToInt(message -> message.text().length())
                        .sum())
                .isLessThanOrEqualTo(input.length);
        // It becomes the words of a Gap and of an Exit.
        assertThat(whole.getLast().text().length()).isLessThan(2 * FrameHeader.WORDS_MAX);
    }

    /** A message; with a time of -1 how the log ends. */
    private record Told(long nanos, String text) {}

    private static List<Told> told(byte[] log, boolean isRaw, int bytesAtOnce) {
        List<Told> all = new ArrayList<>();
        Source source = new Source(ByteBuffer.wrap(log), bytesAtOnce);
        try (LogMessages messages = new LogMessages(source, () -> false, () -> {}, isRaw)) {
            while (true) {
                boolean isHere = messages.hasNext();
                int reads = source.reads;
                LogMessages.Message next = messages.next();
                assertThat(isHere && source.reads > reads)
                        .as("a wait for what was said to be here")
                        .isFalse();
                if (next == null) {
                    all.add(new Told(-1, "end"));
                    return all;
                }
                all.add(new Told(
                        next.nanos(),
                        StandardCharsets.ISO_8859_1.decode(next.data()).toString()));
            }
        } catch (IOException refused) {
            all.add(new Told(-1, String.valueOf(refused.getMessage())));
            return all;
        }
    }

    /** Gives a few bytes at once. */
    private static final class Source implements ReadableByteChannel {
        private final ByteBuffer bytes;
        private final int bytesAtOnce;
        private int reads;

        Source(ByteBuffer bytes, int bytesAtOnce) {
            this.bytes = bytes;
            this.bytesAtOnce = bytesAtOnce;
        }

        @Override
        public int read(ByteBuffer target) {
            reads++;
            if (!bytes.hasRemaining()) {
                return -1;
            }
            int count = Math.min(Math.min(bytesAtOnce, bytes.remaining()), target.remaining());
            target.put(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
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
