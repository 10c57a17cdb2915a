package io.tailrace.runtime.containerd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * A hosts file that is mounted into a container: it is the file's inode that is mounted there, so the file cannot be replaced
 * by another. It is written over in place, in one piece, so that who reads it meanwhile finds names in it at any time.
 */
final class HostsFile {
    /** What a container has made of the file beyond this is cut off first, and not written over. */
    private static final int KEPT_BYTES_MAX = 1 << 20;

    private HostsFile() {}

    /** Where the new text is shorter, empty lines take the place of the rest until that is cut off. */
    static void rewrite(Path file, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            long before = channel.size();
            if (before > KEPT_BYTES_MAX) {
                channel.truncate(bytes.length);
                before = bytes.length;
            }
            byte[] whole = Arrays.copyOf(bytes, Math.max(bytes.length, (int) before));
            Arrays.fill(whole, bytes.length, whole.length, (byte) '\n');
            ByteBuffer left = ByteBuffer.wrap(whole);
            while (left.hasRemaining()) {
                channel.write(left, left.position());
            }
            channel.truncate(bytes.length);
        }
    }
}
