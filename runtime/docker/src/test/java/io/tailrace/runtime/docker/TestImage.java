package io.tailrace.runtime.docker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A root file system made of the machine's static busybox, as a tar. */
final class TestImage {
    private static final int BLOCK_BYTES = 512;
    private static final List<String> APPLETS = List.of(
            "sh", "cat", "echo", "sleep", "stty", "tail", "head", "env", "yes", "seq", "kill", "dd", "printf", "true",
            "tr");

    private TestImage() {}

    static byte[] rootFileSystem() {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        try {
            for (String directory : List.of("bin", "etc", "tmp", "dev", "proc", "sys")) {
                entry(tar, directory + "/", '5', new byte[0], "");
            }
            entry(tar, "bin/busybox", '0', Files.readAllBytes(Path.of("/bin/busybox")), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        APPLETS.forEach(applet -> entry(tar, "bin/" + applet, '2', new byte[0], "busybox"));
        tar.writeBytes(new byte[2 * BLOCK_BYTES]);
        return tar.toByteArray();
    }

    private static void entry(ByteArrayOutputStream tar, String name, char type, byte[] bytes, String link) {
        byte[] header = new byte[BLOCK_BYTES];
        put(header, 0, name);
        put(header, 100, "0000755");
        put(header, 108, "0000000");
        put(header, 116, "0000000");
        put(header, 124, "%011o".formatted(bytes.length));
        put(header, 136, "00000000000");
        header[156] = (byte) type;
        put(header, 157, link);
        put(header, 257, "ustar");
        put(header, 263, "00");
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte value : header) {
            sum += value & 0xff;
        }
        put(header, 148, "%06o".formatted(sum));
        header[154] = 0;
        tar.writeBytes(header);
        tar.writeBytes(bytes);
        tar.writeBytes(new byte[(BLOCK_BYTES - bytes.length % BLOCK_BYTES) % BLOCK_BYTES]);
    }

    private static void put(byte[] header, int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, header, offset, bytes.length);
    }
}
