package io.tailrace.runtime.containerd;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Archives made of the machine's static busybox. */
final class TestImages {
    private static final String PASSWD = "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1001:Alice:/home/alice:/bin/sh\n";
    private static final String GROUP = "root:x:0:\nalice:x:1001:\naudio:x:29:alice\nvideo:x:44:bob,alice\n";
    private static final String[] APPLETS = {
        "sh",
        "cat",
        "echo",
        "sleep",
        "ls",
        "id",
        "stty",
        "tail",
        "head",
        "dd",
        "ping",
        "wget",
        "nc",
        "httpd",
        "true",
        "false",
        "seq",
        "env",
        "pwd",
        "hostname",
        "mount",
        "ip",
        "kill",
        "mkdir",
        "touch",
        "yes",
        "wc",
        "tr",
        "grep"
    };

    private TestImages() {}

    /** The tar of a root file system with a shell in it. */
    static byte[] rootFileSystem() {
        try {
            Tar tar = new Tar();
            for (String directory : new String[] {"bin", "etc", "tmp", "root", "home", "home/alice", "dev", "proc"}) {
                tar.directory(directory);
            }
            tar.file("bin/busybox", Files.readAllBytes(Path.of("/bin/busybox")), 0755);
            for (String applet : APPLETS) {
                tar.link("bin/" + applet, "busybox");
            }
            tar.file("etc/passwd", PASSWD.getBytes(StandardCharsets.UTF_8), 0644);
            tar.file("etc/group", GROUP.getBytes(StandardCharsets.UTF_8), 0644);
            tar.file("bin/text", "no program\n".getBytes(StandardCharsets.UTF_8), 0644);
            return tar.bytes();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Writes ustar. */
    static final class Tar {
        private static final int BLOCK_BYTES = 512;

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Tar directory(String name) {
            entry(name + "/", '5', new byte[0], 0755, "");
            return this;
        }

        Tar link(String name, String target) {
            entry(name, '2', new byte[0], 0777, target);
            return this;
        }

        Tar file(String name, byte[] bytes, int mode) {
            entry(name, '0', bytes, mode, "");
            return this;
        }

        Tar file(String name, String text) {
            return file(name, text.getBytes(StandardCharsets.UTF_8), 0644);
        }

        byte[] bytes() {
            out.writeBytes(new byte[2 * BLOCK_BYTES]);
            return out.toByteArray();
        }

        private void entry(String name, char type, byte[] bytes, int mode, String link) {
            byte[] header = new byte[BLOCK_BYTES];
            put(header, 0, name);
            put(header, 100, "%07o".formatted(mode));
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
            out.writeBytes(header);
            out.writeBytes(bytes);
            out.writeBytes(new byte[(BLOCK_BYTES - bytes.length % BLOCK_BYTES) % BLOCK_BYTES]);
        }

        private static void put(byte[] header, int offset, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            System.arraycopy(bytes, 0, header, offset, bytes.length);
        }
    }
}
