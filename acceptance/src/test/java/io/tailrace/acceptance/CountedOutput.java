package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.delivery.CountedLines;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.LineCheck;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** What one follower got of a {@link CountedWriter}. Each stream may have a thread of its own. */
final class CountedOutput {
    private final CountedWriter writer;
    private final Stream stdout;
    private final Stream stderr;

    CountedOutput(CountedWriter writer) {
        this.writer = writer;
        stdout = new Stream(writer.stdout().check());
        stderr = new Stream(writer.stderr().check());
    }

    void add(boolean isStdout, ByteBuffer data) {
        (isStdout ? stdout : stderr).add(data);
    }

    long stdoutLength() {
        return stdout.check.bytes();
    }

    long stderrLength() {
        return stderr.check.bytes();
    }

    long stdoutCrc32() {
        return stdout.crc32.getValue();
    }

    long stderrCrc32() {
        return stderr.crc32.getValue();
    }

    /** All has arrived: counts in the ledger what of so many lines did not, and compares the bytes with the writer's. */
    void settle(Ledger ledger, String door, int lines) {
        for (Stream stream : new Stream[] {stdout, stderr}) {
            stream.check.expect(lines);
            ledger.add(stream.check);
        }
        assertThat(stdoutCrc32())
                .as("CRC-32 of stdout of %s by %s", writer.name(), door)
                .isEqualTo(writer.stdout().crc32(lines));
        assertThat(stderrCrc32())
                .as("CRC-32 of stderr of %s by %s", writer.name(), door)
                .isEqualTo(writer.stderr().crc32(lines));
    }

    /** The writer was cut off at any byte: what came must be the beginning of what it wrote, byte for byte. */
    void settleBeginning(Ledger ledger) {
        assertThat(stdoutCrc32()).as("beginning of stdout").isEqualTo(beginning(writer.stdout(), stdoutLength()));
        assertThat(stderrCrc32()).as("beginning of stderr").isEqualTo(beginning(writer.stderr(), stderrLength()));
        ledger.bytes(stdoutLength() + stderrLength());
    }

    /** The CRC-32 of the first bytes of counted lines. */
    static long beginning(CountedLines lines, long length) {
        CRC32 crc32 = new CRC32();
        long left = length;
        for (int number = 1; left > 0; number++) {
            byte[] line = lines.line(number).getBytes(StandardCharsets.US_ASCII);
            int count = (int) Math.min(left, line.length);
            crc32.update(line, 0, count);
            left -= count;
        }
        return crc32.getValue();
    }

    private record Stream(LineCheck check, CRC32 crc32) {
        Stream(LineCheck check) {
            this(check, new CRC32());
        }

        void add(ByteBuffer data) {
            check.accept(data);
            crc32.update(data.duplicate());
        }
    }
}
