package io.tailrace.bench.log;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The least that could be done: the same bytes to or from a file, in the same pieces, nothing proven and nothing kept. */
final class PlainFile {
    private PlainFile() {}

    static void write(Path file, ByteBuffer chunk, int chunks) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 0; i < chunks; i++) {
                chunk.rewind();
                while (chunk.hasRemaining()) {
                    channel.write(chunk);
                }
            }
        }
    }

    /** Reads into an array for each chunk, which is what it takes to hand chunks on. @return bytes read */
    static long read(Path file, int chunkBytes) throws IOException {
        var total = 0L;
        try (var stream = new FileInputStream(file.toFile())) {
            for (var chunk = stream.readNBytes(chunkBytes); chunk.length > 0; chunk = stream.readNBytes(chunkBytes)) {
                total += chunk.length;
            }
        }
        return total;
    }

    /** Reads into one buffer again and again, which nobody else may look at. @return bytes read */
    static long readAndForget(Path file, ByteBuffer buffer) throws IOException {
        var total = 0L;
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (int count = 0; count >= 0; count = channel.read(buffer.clear())) {
                total += count;
            }
        }
        return total;
    }
}
