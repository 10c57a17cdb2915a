package io.tailrace.client;

import com.google.protobuf.ByteString;
import io.tailrace.api.v1.Exit;
import io.tailrace.api.v1.ExitReason;
import io.tailrace.api.v1.Output;
import io.tailrace.api.v1.Record;
import io.tailrace.api.v1.StandardStream;
import io.tailrace.api.v1.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;

/** Timelines as a server would record them. */
final class Scripts {
    private Scripts() {}

    static Record state(long sequence, String state) {
        return record(sequence).setState(State.newBuilder().setState(state)).build();
    }

    static Record output(long sequence, StandardStream stream, long offset, byte[] data) {
        return record(sequence)
                .setOutput(
                        Output.newBuilder().setStream(stream).setOffset(offset).setData(ByteString.copyFrom(data)))
                .build();
    }

    static Record exit(long sequence, int code, byte[] stdout, byte[] stderr) {
        return record(sequence)
                .setExit(Exit.newBuilder()
                        .setReason(ExitReason.EXIT_REASON_EXITED)
                        .setExitCode(code)
                        .setStdoutLength(stdout.length)
                        .setStdoutCrc32((int) crc32(stdout))
                        .setStderrLength(stderr.length)
                        .setStderrCrc32((int) crc32(stderr)))
                .build();
    }

    /** Running, so many chunks of random bytes, alternating, and the exit. */
    static List<Record> run(int chunks, int chunkBytes) {
        var random = new Random(7);
        var stdout = new java.io.ByteArrayOutputStream();
        var stderr = new java.io.ByteArrayOutputStream();
        List<Record> records = new ArrayList<>();
        records.add(state(1, "running"));
        for (int chunk = 0; chunk < chunks; chunk++) {
            var data = new byte[chunkBytes];
            random.nextBytes(data);
            boolean isStdout = chunk % 2 == 0;
            var target = isStdout ? stdout : stderr;
            records.add(output(
                    records.size() + 1,
                    isStdout ? StandardStream.STANDARD_STREAM_STDOUT : StandardStream.STANDARD_STREAM_STDERR,
                    target.size(),
                    data));
            target.writeBytes(data);
        }
        records.add(exit(records.size() + 1, 3, stdout.toByteArray(), stderr.toByteArray()));
        return records;
    }

    private static Record.Builder record(long sequence) {
        return Record.newBuilder()
                .setSequence(sequence)
                .setTimestampNanos(1_700_000_000_000_000_000L + sequence)
                .setCursor(Long.toString(sequence));
    }

    private static long crc32(byte[] bytes) {
        var crc32 = new CRC32();
        crc32.update(bytes);
        return crc32.getValue();
    }
}
