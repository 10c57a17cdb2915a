package io.tailrace.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import io.tailrace.delivery.fuzz.FuzzInput;
import io.tailrace.delivery.fuzz.Fuzzing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Bytes that no timeline wrote, in the places of those that one did. */
@DeliveryTest
class GarbageFuzzTest {
    private static final int FILES_MAX = 4;
    private static final int RECORDS_MAX = 20_000;
    private static final UUID BOOT = new UUID(1, 2);
    private static final Map<String, byte[]> VALID = valid();
    private static final List<TimelineRecord> ORIGINALS = originals();

    @Test
    @Promise({1, 6})
    void recordsOfGarbageAreBelieved(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, GarbageFuzzTest.class, "records", 20_000);
    }

    static List<byte[]> recordsSeeds() {
        return List.of(VALID.values().iterator().next());
    }

    static void records(byte[] input) {
        if (input.length < RecordHeader.BYTES) {
            return;
        }
        var header = ByteBuffer.wrap(input.clone()).put(0, (byte) 0x54);
        header.putInt(36, Checksum.of(header.slice(0, 36)));
        try {
            var decoded = RecordHeader.decode(header, 0);
            var again = ByteBuffer.allocate(RecordHeader.BYTES);
            decoded.encode(again, 0);
            assertThat(again).isEqualTo(header.slice(0, RecordHeader.BYTES));
            Payload.decode(decoded, header.slice(RecordHeader.BYTES, input.length - RecordHeader.BYTES));
        } catch (DamagedRecordException e) {
            // As it should be.
        }
    }

    @Test
    @Promise({6})
    void segmentHeadersOfGarbageAreBelieved(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, GarbageFuzzTest.class, "segmentHeaders", 20_000);
    }

    static List<byte[]> segmentHeadersSeeds() {
        return recordsSeeds();
    }

    static void segmentHeaders(byte[] input) {
        if (input.length < SegmentHeader.FIXED_BYTES) {
            return;
        }
        try {
            var length = SegmentHeader.length(ByteBuffer.wrap(input, 0, SegmentHeader.FIXED_BYTES));
            if (length <= input.length) {
                var bytes = ByteBuffer.allocate(length).put(0, input, 0, length);
                bytes.putInt(length - 4, Checksum.of(bytes.slice(0, length - 4)));
                assertThat(SegmentHeader.decode(bytes).encode()).isEqualTo(bytes.array());
            }
        } catch (DamagedRecordException e) {
            // As it should be.
        }
    }

    @Test
    @Promise({2})
    void anIndexOfGarbageHidesARecord(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, GarbageFuzzTest.class, "index", 200);
    }

    static List<byte[]> indexSeeds() {
        return List.of(new byte[] {0, 1, 2}, new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7});
    }

    /** In place of the index of the first segment, with the right frame around it where the first byte says so. */
    static void index(byte[] input) throws IOException {
        var in = new FuzzInput(input);
        var files = new TreeMap<>(VALID);
        var segment = VALID.get("00000000000000000001.segment");
        var isFramed = in.flag();
        var places = in.rest();
        var count = places.length / 40;
        var bytes = places;
        if (isFramed) {
            var framed = ByteBuffer.allocate(28 + count * 40 + 4);
            framed.putLong(0x7461696c696e6478L)
                    .putLong(1)
                    .putLong(segment.length)
                    .putInt(count);
            framed.put(places, 0, count * 40);
            framed.putInt(Checksum.of(framed.array(), 0, framed.position()));
            bytes = framed.array();
        }
        files.put("00000000000000000001.index", bytes);
        var directory = Directories.of(files);
        try (var timeline = Timeline.open(directory, Configs.withSmallSegments(), BOOT)) {
            for (var from = 1L; from <= timeline.lastSequence(); from += 3) {
                var record = one(timeline, from);
                assertThat(record.sequence()).isEqualTo(from);
                if (!isFramed) {
                    assertThat(record).isEqualTo(ORIGINALS.get((int) from - 1));
                }
            }
            timeline.sequenceOfOffset(StdStream.STDOUT, 5_000);
            timeline.sequenceAtTime(Long.MAX_VALUE);
        }
    }

    @Test
    @Promise({2, 6})
    void aDirectoryOfGarbageKeepsATimelineFromOpening(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, GarbageFuzzTest.class, "recovery", 200);
    }

    static List<byte[]> recoverySeeds() {
        return List.of(
                new byte[] {2, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 0, 0, 1, 0},
                new byte[] {1, 1, 0, 0, 0, 0, 0, 0, 0, 4, 1, 1, 0, 0, 0, 3, 97, 98, 99, 2, 0, 0, 0, 0, 2, 0, 0},
                new byte[] {1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 3, 97, 98, 99},
                new byte[] {0, 3, 1, 1, -1, 0, 0, 0, 0, 0, 0, 0, 0},
                new byte[] {0, 3, 1, 0, 9, 9});
    }

    static void recovery(byte[] input) throws IOException {
        var in = new FuzzInput(input);
        var files = new TreeMap<String, byte[]>();
        for (int left = in.below(FILES_MAX) + 1; left > 0; left--) {
            garbageFile(in, files);
        }
        opensAndGoesOn(Directories.of(files));
    }

    private static void garbageFile(FuzzInput in, Map<String, byte[]> files) throws IOException {
        var name = "%020d.segment";
        switch (in.below(6)) {
            case 0 -> files.put(name.formatted(1 + in.below(40)), in.piece(8_000));
            case 1 -> {
                var sequence = switch (in.below(4)) {
                    case 0 -> in.int64() & Long.MAX_VALUE;
                    case 1 -> (long) in.octet();
                    default -> 1L;
                };
                files.put(name.formatted(sequence), shapedSegment(in, sequence));
            }
            case 2 -> files.put(shapedName(in), in.piece(8_000));
            case 3 -> files.put("dropped", shapedDrops(in));
            case 4 -> files.put("reserve", in.piece(8_000));
            default ->
                files.put(
                        List.copyOf(VALID.keySet()).get(in.below(VALID.size())),
                        List.copyOf(VALID.values()).get(in.below(VALID.size())));
        }
    }

    private static String shapedName(FuzzInput in) {
        var digits = String.valueOf(in.below(10)).repeat(20);
        return digits
                + List.of(".segment", ".segment.new", ".index", ".segment.aside")
                        .get(in.below(4));
    }

    private static byte[] shapedDrops(FuzzInput in) {
        var drops = ByteBuffer.allocate(40).putLong(0x7461696c64726f70L).putLong(in.octet());
        drops.putLong(in.flag() ? in.int64() : in.octet()).putLong(in.octet());
        return drops.putInt(36, Checksum.of(drops.array(), 0, 36)).array();
    }

    /** A segment whose checksums are right and whose numbers may be any. */
    private static byte[] shapedSegment(FuzzInput in, long sequence) throws IOException {
        var isOdd = in.flag();
        var header = new SegmentHeader(
                in.flag() ? new UUID(3, 4) : BOOT,
                sequence,
                isOdd ? in.int64() : 0,
                isOdd ? in.int64() : 0,
                isOdd ? in.int64() : 0,
                isOdd ? in.int32() : 0,
                isOdd ? in.int32() : 0,
                in.piece(100));
        var bytes = new ByteArrayOutputStream();
        bytes.write(header.encode());
        var next = sequence;
        var offsets = new long[] {header.stdoutOffset(), header.stderrOffset()};
        for (int left = in.below(16); left > 0; left--) {
            var kind = (byte) in.below(8);
            var stream = (byte) in.below(4);
            var isOpen = in.flag();
            var how = in.octet();
            var payload = in.piece(2_000);
            var offset = stream == 1 || stream == 2 ? offsets[stream - 1] : 0;
            var record = new RecordHeader(
                    kind,
                    stream,
                    isOpen,
                    isOpen && (how & 1) == 0 ? 0 : payload.length,
                    (how & 2) == 0 ? next : in.int64(),
                    (how & 4) == 0 ? header.timestampNanos() : in.int64(),
                    (how & 8) == 0 ? offset : in.int64(),
                    Checksum.of(payload, 0, payload.length));
            var encoded = ByteBuffer.allocate(RecordHeader.BYTES);
            record.encode(encoded, 0);
            var place = RecordHeader.placeAfter(bytes.size());
            bytes.write(new byte[(int) (place - bytes.size())]);
            bytes.write(encoded.array());
            bytes.write(payload);
            next++;
            if (kind == RecordHeader.OUTPUT && (stream == 1 || stream == 2)) {
                offsets[stream - 1] += payload.length;
            }
        }
        bytes.write(in.piece(100));
        return bytes.toByteArray();
    }

    /** What is opened can be read from begin to end, written, and opened again with nothing left to recover. */
    private static void opensAndGoesOn(Path directory) throws IOException {
        long last;
        try (var timeline = Timeline.open(directory, Configs.withSmallSegments(), BOOT)) {
            readsWhole(timeline, 1);
            readsWhole(timeline, Math.max(1, timeline.firstSequence()));
            timeline.forEachNonOutput(1, record -> {});
            timeline.sequenceOfOffset(StdStream.STDERR, 1);
            timeline.sequenceAtTime(1);
            assertThat(timeline.streamLength(StdStream.STDOUT)).isNotNegative();
            last = timeline.appendOutput(StdStream.STDOUT, Records.bytes("on"));
            timeline.appendState("state", Map.of("name", "value"));
            assertThat(Records.text(one(timeline, last))).isEqualTo("on");
        }
        try (var timeline = Timeline.open(directory, Configs.withSmallSegments(), BOOT)) {
            assertThat(timeline.recovery().droppedBytes()).isZero();
            assertThat(timeline.recovery().sealedBytes()).isZero();
            assertThat(timeline.lastSequence()).isEqualTo(last + 1);
            assertThat(Records.text(one(timeline, last))).isEqualTo("on");
        }
    }

    private static TimelineRecord one(Timeline timeline, long sequence) throws IOException {
        try (var reader = timeline.read(sequence)) {
            return Objects.requireNonNull(reader.poll());
        }
    }

    private static void readsWhole(Timeline timeline, long from) throws IOException {
        var next = from;
        var count = 0;
        try (var reader = timeline.read(from)) {
            for (var record = reader.poll(); record != null; record = reader.poll()) {
                assertThat(record.sequence()).isEqualTo(next);
                next = record instanceof TimelineRecord.Gap gap ? gap.lastSequence() + 1 : next + 1;
                assertThat(next).isGreaterThan(record.sequence());
                assertThat(count++).isLessThan(RECORDS_MAX);
            }
        }
        assertThat(next).isEqualTo(Math.max(from, timeline.lastSequence() + 1));
    }

    @Test
    @Promise({1, 5, 6})
    void recordsBeforeADamageAreLost(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, GarbageFuzzTest.class, "damage", 200);
    }

    static List<byte[]> damageSeeds() {
        return List.of(new byte[] {0, 3, 0, 0, 2, 5, 5}, new byte[] {1, 0x10, 0, 1, 0}, new byte[] {0, 1, 0, 2, 9});
    }

    /** One file of a good timeline is overwritten from some byte on, or cut there, or goes on after its end. */
    static void damage(byte[] input) throws IOException {
        var in = new FuzzInput(input);
        var files = new TreeMap<>(VALID);
        var names = List.copyOf(files.keySet());
        var name = names.get(in.below(names.size()));
        var bytes = files.get(name).clone();
        var at = ((in.octet() << 8) | in.octet()) % (bytes.length + 1);
        var how = in.below(3);
        var garbage = in.rest();
        var damaged = switch (how) {
            case 0 -> ByteBuffer.allocate(at).put(bytes, 0, at).array();
            case 1 -> {
                var length = Math.min(garbage.length, bytes.length - at);
                yield ByteBuffer.wrap(bytes).put(at, garbage, 0, length).array();
            }
            default ->
                ByteBuffer.allocate(at + garbage.length)
                        .put(bytes, 0, at)
                        .put(garbage)
                        .array();
        };
        files.put(name, damaged);
        var directory = Directories.of(files);
        try (var timeline = Timeline.open(directory, Configs.withSmallSegments(), BOOT)) {
            for (var record : Records.all(timeline)) {
                if (record instanceof TimelineRecord.Gap gap && !gap.reason().equals("lost")) {
                    assertThat(name).endsWith(".segment");
                    assertThat(gap.reason()).isIn("damaged", "retention");
                } else {
                    assertThat(record).isEqualTo(ORIGINALS.get((int) record.sequence() - 1));
                }
            }
            if (name.endsWith(".segment")) {
                keepsWhatIsBefore(timeline, name, at);
            }
        }
        opensAndGoesOn(directory);
    }

    /** All records of the damaged file that end before the damage; its header, too, must be before it. */
    private static void keepsWhatIsBefore(Timeline timeline, String name, int at) throws IOException {
        var base = Long.parseLong(name.substring(0, 20));
        var valid = ByteBuffer.wrap(VALID.get(name));
        var position = (long) SegmentHeader.length(valid.slice(0, SegmentHeader.FIXED_BYTES));
        if (at < position) {
            return;
        }
        for (var sequence = base; ; sequence++) {
            var place = RecordHeader.placeAfter(position);
            if (place + RecordHeader.BYTES > at) {
                return;
            }
            position = place + RecordHeader.BYTES + valid.getInt((int) place + 4);
            if (position > at) {
                return;
            }
            assertThat(one(timeline, sequence)).isEqualTo(ORIGINALS.get((int) sequence - 1));
        }
    }

    private static List<TimelineRecord> originals() {
        try (var timeline = Timeline.open(Directories.of(VALID), Configs.withSmallSegments(), BOOT)) {
            return Records.all(timeline);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The files of a timeline with all kinds of records in two segments. */
    private static Map<String, byte[]> valid() {
        try {
            var directory = Directories.of(Map.of());
            try (var timeline = Timeline.open(directory, Configs.withSmallSegments(), BOOT)) {
                timeline.appendState("created", Map.of("name", "value", "other", ""));
                for (int number = 0; number < 12; number++) {
                    timeline.appendOutput(StdStream.STDOUT, Records.bytes("line " + number + "\n" + "x".repeat(6_000)));
                    timeline.appendOutput(StdStream.STDERR, Records.bytes("error " + number + "\n"));
                }
                timeline.appendHealth("healthy", 0, 5, Records.bytes("fine"));
                timeline.appendMessage("topic", Records.bytes("data"));
                timeline.appendGap("lost", StdStream.STDERR, 17);
                timeline.appendExit(ExitReason.EXITED, 3, 0, "done");
            }
            return Directories.read(directory);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
