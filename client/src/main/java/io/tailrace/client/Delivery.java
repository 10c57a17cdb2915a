package io.tailrace.client;

import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.Record;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Checks that records arrive as the delivery contract promises: sequences without repetition and, where nothing is
 * filtered out, without holes; the bytes of a stream without holes; and at the exit, lengths and checksums. One thread.
 */
final class Delivery {
    /** The streams followed from offset 0 without a gap so far. */
    private final Map<StandardStream, Received> whole = new EnumMap<>(StandardStream.class);

    private boolean isDense;
    private boolean isFromStart;
    private long lastSequence = -1;
    private boolean isEnded;

    private static final class Received {
        private final CRC32 crc32 = new CRC32();
        private long length;
    }

    Delivery(Set<StandardStream> wholeStreams) {
        wholeStreams.forEach(stream -> whole.put(stream, new Received()));
    }

    void begins(FollowRequest request) {
        isDense = request.getKindsCount() == 0 && request.getStreamsCount() == 0;
        isFromStart = request.getFromCase() == FollowRequest.FromCase.FROM_NOT_SET && !request.hasSince();
        boolean isFromFirstByte = isFromStart
                || (request.getFromCase() == FollowRequest.FromCase.OFFSET
                        && request.getOffset() == 0
                        && !request.hasSince());
        if (!isFromFirstByte) {
            whole.clear();
        }
    }

    /** False for a record that arrived before. */
    boolean isNew(Record record) {
        return record.getSequence() > lastSequence;
    }

    /** @param record null for a kind that this client does not know; it still has its sequence */
    void accept(long sequence, @Nullable TimelineRecord record) {
        if (isDense && lastSequence >= 0 && sequence != lastSequence + 1) {
            throw new TailraceException(
                    ErrorCode.CORRUPT, "sequence: %d (expected: %d)".formatted(sequence, lastSequence + 1));
        }
        if (isDense && isFromStart && lastSequence < 0 && sequence != 1) {
            throw new TailraceException(ErrorCode.CORRUPT, "sequence: %d (expected: 1)".formatted(sequence));
        }
        lastSequence = sequence;
        switch (record) {
            case TimelineRecord.Output output -> output(output);
            case TimelineRecord.Gap gap -> gap(gap);
            case TimelineRecord.Exit exit -> {
                isEnded = true;
                verify(
                        StandardStream.STDOUT,
                        exit.status().stdoutLength(),
                        exit.status().stdoutCrc32());
                verify(
                        StandardStream.STDERR,
                        exit.status().stderrLength(),
                        exit.status().stderrCrc32());
            }
            // It was started again: what follows has an exit of its own. Removed without ever having run is an end too.
            case TimelineRecord.State state ->
                isEnded = (isEnded && state.state() != ContainerState.STARTING)
                        || state.state() == ContainerState.REMOVED;
            case TimelineRecord.Health health -> {}
            case TimelineRecord.Message message -> {}
            case null -> {}
        }
    }

    /** Whether a stream that ends here has its exit; or began behind it and had nothing to say. */
    boolean isEnded() {
        return isEnded || (lastSequence < 0 && !isFromStart);
    }

    private void output(TimelineRecord.Output output) {
        var received = whole.get(output.stream());
        if (received == null) {
            return;
        }
        if (output.offset() != received.length) {
            throw new TailraceException(
                    ErrorCode.CORRUPT,
                    "%s offset: %d (expected: %d)".formatted(output.stream(), output.offset(), received.length));
        }
        output.addTo(received.crc32);
        received.length += output.length();
    }

    private void gap(TimelineRecord.Gap gap) {
        lastSequence = Math.max(lastSequence, gap.lastSequence());
        for (var stream : StandardStream.values()) {
            if (gap.isMissing(stream)) {
                whole.remove(stream);
            }
        }
    }

    private void verify(StandardStream stream, long length, long crc32) {
        var received = whole.get(stream);
        if (received == null) {
            return;
        }
        if (received.length != length) {
            throw new TailraceException(
                    ErrorCode.CORRUPT, "%s length: %d (expected: %d)".formatted(stream, received.length, length));
        }
        if (received.crc32.getValue() != crc32) {
            throw new TailraceException(
                    ErrorCode.CORRUPT,
                    "%s CRC-32: %08x (expected: %08x)".formatted(stream, received.crc32.getValue(), crc32));
        }
    }
}
