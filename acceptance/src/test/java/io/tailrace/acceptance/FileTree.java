package io.tailrace.acceptance;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Trees of files that a copy has to get right, and what they look like. */
final class FileTree {
    private static final int FILES = 60;
    private static final long SPARSE_BYTES = 64L << 20;
    private static final long LONG_AGO_SECONDS = 946_684_800;

    /** Beyond ASCII, where this machine's locale has names for that: without one, as under systemd, Java cannot make them. */
    private static final String FOREIGN =
            Charset.forName(System.getProperty("sun.jnu.encoding")).newEncoder().canEncode("ünïcödé-文")
                    ? "ünïcödé-文"
                    : "ASCII";

    private FileTree() {}

    /** Makes a tree of everything that there can be in one but devices and pipes. */
    static void make(Path root, Random random) throws IOException {
        Files.createDirectory(root);
        List<Path> directories = new ArrayList<>(List.of(root));
        List<Path> files = new ArrayList<>();
        for (int count = 0; count < FILES; count++) {
            Path parent = directories.get(random.nextInt(directories.size()));
            Path path = parent.resolve(count + "-" + name(random));
            switch (random.nextInt(6)) {
                case 0 -> directories.add(Files.createDirectory(path));
                case 1 -> Files.createSymbolicLink(path, Path.of("x".repeat(1 + random.nextInt(150)), "missing"));
                case 2 -> {
                    if (files.isEmpty()) {
                        files.add(Files.createFile(path));
                    } else {
                        Files.createLink(path, files.get(random.nextInt(files.size())));
                    }
                }
                default -> {
                    byte[] content = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(300_000)];
                    random.nextBytes(content);
                    files.add(Files.write(path, content));
                }
            }
        }
        try (RandomAccessFile sparse =
                new RandomAccessFile(root.resolve("sparse").toFile(), "rw")) {
            sparse.seek(SPARSE_BYTES / 2);
            sparse.write("in the middle".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            sparse.setLength(SPARSE_BYTES);
        }
        attributes(root, random);
    }

    private static String name(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> "n".repeat(1 + random.nextInt(240));
            case 1 -> FOREIGN;
            case 2 -> "with space and 'quotes' \\ \n";
            default -> "plain";
        };
    }

    private static void attributes(Path root, Random random) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(root)) {
            all = new ArrayList<>(walk.toList());
        }
        for (Path path : all.reversed()) {
            Files.setAttribute(path, "unix:uid", random.nextInt(70_000), LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:gid", random.nextInt(3_000_000), LinkOption.NOFOLLOW_LINKS);
            if (!Files.isSymbolicLink(path)) {
                Files.setAttribute(path, "unix:mode", random.nextInt(010000));
            }
            Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setTimes(
                            FileTime.fromMillis(1000L * (LONG_AGO_SECONDS + random.nextInt(700_000_000))), null, null);
        }
    }

    /** What each path of a tree is, in one line that differs if anything does. */
    static SortedMap<String, String> describe(Path root) throws IOException {
        SortedMap<String, String> lines = new TreeMap<>();
        Map<Object, String> firstNames = new HashMap<>();
        List<Path> all;
        try (Stream<Path> walk = Files.walk(root)) {
            all = walk.sorted().toList();
        }
        for (Path path : all) {
            String name = root.relativize(path).toString();
            Map<String, Object> status = Files.readAttributes(path, "unix:*", LinkOption.NOFOLLOW_LINKS);
            String line = "%o %s:%s %d "
                    .formatted(
                            (int) status.get("mode"),
                            status.get("uid"),
                            status.get("gid"),
                            ((FileTime) status.get("lastModifiedTime")).toMillis() / 1000);
            if (Files.isSymbolicLink(path)) {
                line += Files.readSymbolicLink(path);
            } else if (Files.isRegularFile(path)) {
                line += digest(path) + " " + firstNames.computeIfAbsent(status.get("ino"), first -> name);
            }
            lines.put(name, line);
        }
        return lines;
    }

    static String digest(Path file) throws IOException {
        try (var in = new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How much of the disk a file takes. */
    static long allocatedBytes(Path file) {
        return Long.parseLong(
                        Command.run(java.time.Duration.ofSeconds(10), List.of("stat", "-c", "%b", file.toString()))
                                .succeeded()
                                .stdout()
                                .strip())
                * 512;
    }
}
