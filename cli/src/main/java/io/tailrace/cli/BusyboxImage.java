package io.tailrace.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A small image made of a static busybox: a shell and some 300 tools, no registry needed. Immutable; the same binary gives
 * the same bytes.
 */
public final class BusyboxImage {
    /** The name that it is given where nobody says otherwise. */
    public static final String REFERENCE = "docker.io/library/busybox:latest";

    private static final int EXECUTABLE = 0755;
    private static final int STICKY = 01777;
    private static final int PRIVATE = 0700;
    private static final int READABLE = 0644;
    private static final long LIST_TIMEOUT_SECONDS = 10;

    private final byte[] archive;

    private BusyboxImage(byte[] archive) {
        this.archive = archive;
    }

    /** The image of the busybox on this machine's PATH. @throws CliException if there is none, or it is not static */
    public static BusyboxImage ofThisMachine() throws IOException {
        return of(find());
    }

    /** The image of a busybox. @throws CliException if it is not a static one */
    public static BusyboxImage of(Path binary) throws IOException {
        var bytes = Files.readAllBytes(binary);
        if (!ElfFile.isStatic(bytes)) {
            throw new CliException(
                    "%s: needs libraries that the image would not have (expected: a static busybox)".formatted(binary),
                    "install one: apt-get install busybox-static");
        }
        return new BusyboxImage(dockerArchive(layer(bytes, applets(binary))));
    }

    /** Whether this machine has what it takes. */
    static boolean isPossible() {
        try {
            return ElfFile.isStatic(Files.readAllBytes(find()));
        } catch (IOException | CliException e) {
            return false;
        }
    }

    /** The archive, as {@code docker save} would write it, to be imported. */
    public InputStream archive() {
        return new ByteArrayInputStream(archive);
    }

    static Path find() {
        return Programs.find("busybox")
                .orElseThrow(() -> new CliException(
                        "there is no busybox on this machine", "install one: apt-get install busybox-static"));
    }

    private static List<String> applets(Path binary) throws IOException {
        var process = new ProcessBuilder(binary.toString(), "--list")
                .redirectErrorStream(true)
                .start();
        try (var output = process.getInputStream()) {
            var names = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(LIST_TIMEOUT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new CliException("%s --list failed".formatted(binary));
            }
            return names.lines()
                    .map(String::strip)
                    .filter(name -> !name.isEmpty() && !name.equals("busybox"))
                    .toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("interrupted");
        } finally {
            process.destroy();
        }
    }

    private static byte[] layer(byte[] busybox, List<String> applets) throws IOException {
        var bytes = new ByteArrayOutputStream(busybox.length + (1 << 20));
        var tar = new TarWriter(bytes);
        for (var directory : List.of("bin", "dev", "etc", "proc", "sys", "usr", "usr/bin", "var", "var/www")) {
            tar.directory(directory, EXECUTABLE);
        }
        tar.directory("root", PRIVATE);
        tar.directory("tmp", STICKY);
        tar.directory("var/tmp", STICKY);
        tar.file(
                "etc/passwd",
                READABLE,
                text("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"));
        tar.file("etc/group", READABLE, text("root:x:0:\nnogroup:x:65534:\n"));
        tar.file("bin/busybox", EXECUTABLE, busybox);
        for (var applet : applets) {
            tar.symbolicLink("bin/" + applet, "busybox");
        }
        tar.symbolicLink("usr/bin/env", "../../bin/busybox");
        tar.finish();
        return bytes.toByteArray();
    }

    /** The format of {@code docker save}: a configuration, a layer, and a manifest that names both. */
    private static byte[] dockerArchive(byte[] layer) throws IOException {
        var config = text("""
                {"architecture":"%s","os":"linux","created":"2025-01-01T00:00:00Z",\
                "config":{"Cmd":["sh"],"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]},\
                "rootfs":{"type":"layers","diff_ids":["sha256:%s"]},\
                "history":[{"created":"2025-01-01T00:00:00Z","created_by":"tailrace image busybox"}]}\
                """.formatted(architecture(), sha256(layer)));
        var configName = sha256(config) + ".json";
        var manifest = text("""
                [{"Config":"%s","RepoTags":["busybox:latest"],"Layers":["layer.tar"]}]\
                """.formatted(configName));
        var bytes = new ByteArrayOutputStream(layer.length + (1 << 16));
        var tar = new TarWriter(bytes);
        tar.file(configName, READABLE, config);
        tar.file("layer.tar", READABLE, layer);
        tar.file("manifest.json", READABLE, manifest);
        tar.finish();
        return bytes.toByteArray();
    }

    private static String architecture() {
        return switch (System.getProperty("os.arch")) {
            case "aarch64" -> "arm64";
            default -> "amd64";
        };
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
