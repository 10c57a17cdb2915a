package io.tailrace.cli;

import io.tailrace.client.StandardStream;
import io.tailrace.client.TimelineRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumSet;
import java.util.Set;

/** Output as the container wrote it, stream by stream; on demand with the time of each line's first byte before it. */
final class OutputLines implements RecordSink {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final StandardStreams streams;
    private final boolean hasTimestamps;
    /** The streams in which a line has begun and not ended. */
    private final Set<StandardStream> open = EnumSet.noneOf(StandardStream.class);

    OutputLines(StandardStreams streams, boolean hasTimestamps) {
        this.streams = streams;
        this.hasTimestamps = hasTimestamps;
    }

    @Override
    public void accept(TimelineRecord record) throws IOException {
        switch (record) {
            case TimelineRecord.Output output -> {
                var target = output.stream() == StandardStream.STDOUT ? streams.out() : streams.err();
                if (hasTimestamps) {
                    target.write(timestamped(output));
                } else {
                    output.writeTo(target);
                }
            }
            case TimelineRecord.Gap gap -> streams.say(GapWords.of(gap));
            default -> {}
        }
    }

    private byte[] timestamped(TimelineRecord.Output output) {
        var prefix = prefix(output.timestamp());
        var text = new ByteArrayOutputStream(output.length() + prefix.length);
        for (byte value : output.bytes()) {
            if (open.add(output.stream())) {
                text.writeBytes(prefix);
            }
            text.write(value);
            if (value == '\n') {
                open.remove(output.stream());
            }
        }
        return text.toByteArray();
    }

    private static byte[] prefix(Instant time) {
        return (TIME.format(time) + " ").getBytes(StandardCharsets.US_ASCII);
    }
}
