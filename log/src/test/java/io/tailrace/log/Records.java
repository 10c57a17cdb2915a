package io.tailrace.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/** What tests do with records. */
final class Records {
    private Records() {}

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    static byte[] bytes(ByteBuffer buffer) {
        var bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    static String text(TimelineRecord output) {
        return new String(bytes(((TimelineRecord.Output) output).data()), UTF_8);
    }

    static long crc(byte[] bytes) {
        var crc = new CRC32();
        crc.update(bytes);
        return crc.getValue();
    }

    /** All there are now. */
    static List<TimelineRecord> all(Timeline timeline) throws IOException {
        return all(timeline, 1);
    }

    static List<TimelineRecord> all(Timeline timeline, long fromSequence) throws IOException {
        var records = new ArrayList<TimelineRecord>();
        try (var reader = timeline.read(fromSequence)) {
            for (var record = reader.poll(); record != null; record = reader.poll()) {
                records.add(record);
            }
        }
        return records;
    }

    /** The bytes of a stream, one after another. */
    static byte[] output(List<TimelineRecord> records, StdStream stream) throws IOException {
        var bytes = new ByteArrayOutputStream();
        for (var record : records) {
            if (record instanceof TimelineRecord.Output output && output.stream() == stream) {
                bytes.write(bytes(output.data()));
            }
        }
        return bytes.toByteArray();
    }

    /** Copies the files of a timeline. */
    static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (var files = Files.newDirectoryStream(from)) {
            for (var file : files) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    /** Deletes a timeline. */
    static void delete(Path directory) throws IOException {
        try (var files = Files.newDirectoryStream(directory)) {
            for (var file : files) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
