package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.api.v1.Exit;
import io.tailrace.api.v1.FollowResponse;
import io.tailrace.api.v1.Output;
import io.tailrace.api.v1.Record;
import io.tailrace.api.v1.StandardStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a follower was given, checked while it comes: sequences are dense, offsets have no holes, timestamps never
 * decrease, and what the exit says about lengths and checksums is true. Not thread-safe.
 */
final class Followed implements Consumer<Record> {
    /** Beginnings are kept, so that small outputs can be compared as text. */
    private static final int KEPT_BYTES_MAX = 1 << 20;

    private final StreamDigest stdout = new StreamDigest();
    private final StreamDigest stderr = new StreamDigest();
    private final ByteArrayOutputStream stdoutHead = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderrHead = new ByteArrayOutputStream();
    private final List<String> states = new ArrayList<>();
    private long sequence;
    private long timestampNanos;
    private String cursor = "";
    private @Nullable Exit exit;

    /** Reads responses to their end. */
    static Followed read(Iterator<FollowResponse> responses) {
        Followed followed = new Followed();
        followed.readOn(responses);
        return followed;
    }

    /** Reads further responses to their end. */
    void readOn(Iterator<FollowResponse> responses) {
        while (responses.hasNext()) {
            FollowResponse response = responses.next();
            if (response.hasRecord()) {
                accept(response.getRecord());
            }
        }
    }

    @Override
    public void accept(Record record) {
        assertThat(record.getSequence()).as("sequence").isEqualTo(sequence + 1);
        assertThat(record.getTimestampNanos()).as("timestamp").isGreaterThanOrEqualTo(timestampNanos);
        sequence = record.getSequence();
        timestampNanos = record.getTimestampNanos();
        cursor = record.getCursor();
        switch (record.getContentCase()) {
            case OUTPUT -> add(record.getOutput());
            case STATE -> states.add(record.getState().getState());
            case EXIT -> end(record.getExit());
            case GAP -> throw new AssertionError("a gap: " + record);
            default -> {}
        }
    }

    private void add(Output output) {
        boolean isStdout = output.getStream() == StandardStream.STANDARD_STREAM_STDOUT;
        StreamDigest digest = isStdout ? stdout : stderr;
        ByteArrayOutputStream head = isStdout ? stdoutHead : stderrHead;
        assertThat(output.getOffset()).as("offset in %s", output.getStream()).isEqualTo(digest.length());
        assertThat(output.getData().size()).isBetween(1, 1 << 16);
        digest.add(output.getData().asReadOnlyByteBuffer());
        if (head.size() < KEPT_BYTES_MAX) {
            head.writeBytes(output.getData().toByteArray());
        }
    }

    private void end(Exit ending) {
        assertThat(ending.getStdoutLength()).as("length of stdout").isEqualTo(stdout.length());
        assertThat(ending.getStderrLength()).as("length of stderr").isEqualTo(stderr.length());
        assertThat(Integer.toUnsignedLong(ending.getStdoutCrc32()))
                .as("CRC-32 of stdout")
                .isEqualTo(stdout.crc32());
        assertThat(Integer.toUnsignedLong(ending.getStderrCrc32()))
                .as("CRC-32 of stderr")
                .isEqualTo(stderr.crc32());
        assertThat(ending.hasExitCode()).isTrue();
        exit = ending;
    }

    /** How it ended; fails if the end has not come. */
    Exit exit() {
        assertThat(exit).as("the exit record").isNotNull();
        return Objects.requireNonNull(exit);
    }

    boolean isEnded() {
        return exit != null;
    }

    /** The place behind the latest record. */
    String cursor() {
        return cursor;
    }

    List<String> states() {
        return states;
    }

    StreamDigest stdout() {
        return stdout;
    }

    StreamDigest stderr() {
        return stderr;
    }

    String stdoutText() {
        return text(stdoutHead, stdout);
    }

    String stderrText() {
        return text(stderrHead, stderr);
    }

    private static String text(ByteArrayOutputStream head, StreamDigest all) {
        assertThat(all.length())
                .as("length of an output that is looked at as text")
                .isLessThanOrEqualTo(KEPT_BYTES_MAX);
        return head.toString(StandardCharsets.UTF_8);
    }
}
