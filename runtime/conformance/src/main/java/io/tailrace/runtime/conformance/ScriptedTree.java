package io.tailrace.runtime.conformance;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.tailrace.runtime.spi.ArchiveSink;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.PathStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jspecify.annotations.Nullable;

/** The directories and regular files of a scripted container, in memory; at first there is the root. Thread-safe. */
final class ScriptedTree {
    private static final int FILE_BYTES_MAX = 16 << 20;

    private static final class Node {
        /** Null: a directory. */
        private final byte @Nullable [] content;

        private final int mode;
        private final Instant modifiedAt;

        Node(byte @Nullable [] content, int mode, Instant modifiedAt) {
            this.content = content;
            this.mode = mode;
            this.modifiedAt = modifiedAt;
        }
    }

    /** By absolute path, without a slash at the end; the root's is empty. */
    @GuardedBy("this") private final NavigableMap<String, Node> nodes = new TreeMap<>(Map.of("", new Node(null, 0755, Instant.EPOCH)));

    synchronized PathStatus stat(String path) {
        String key = key(path);
        Node node = node(key, path);
        return new PathStatus(
                key.isEmpty() ? "/" : key.substring(key.lastIndexOf('/') + 1),
                node.content == null ? PathStatus.Type.DIRECTORY : PathStatus.Type.FILE,
                node.content == null ? 0 : node.content.length,
                node.mode,
                node.modifiedAt,
                "");
    }

    void read(String path, ArchiveSink sink) {
        NavigableMap<String, Node> found = below(path);
        String top = found.firstKey();
        String prefix = top.substring(0, top.lastIndexOf('/') + 1);
        try {
            // It belongs to whoever made it.
            @SuppressWarnings("resource")
            TarArchiveOutputStream tar = new TarArchiveOutputStream(sink.begin(stat(path)), "UTF-8");
            for (Map.Entry<String, Node> one : found.entrySet()) {
                String name = top.isEmpty() ? "." + one.getKey() : one.getKey().substring(prefix.length());
                put(tar, name, one.getValue());
            }
            tar.finish();
            tar.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void put(TarArchiveOutputStream tar, String name, Node node) throws IOException {
        byte[] content = node.content;
        TarArchiveEntry entry = new TarArchiveEntry(content == null ? name + "/" : name, true);
        entry.setMode(node.mode);
        entry.setLastModifiedTime(FileTime.from(node.modifiedAt));
        entry.setSize(content == null ? 0 : content.length);
        tar.putArchiveEntry(entry);
        if (content != null) {
            tar.write(content);
        }
        tar.closeArchiveEntry();
    }

    private synchronized NavigableMap<String, Node> below(String path) {
        String key = key(path);
        node(key, path);
        NavigableMap<String, Node> found = new TreeMap<>(nodes.tailMap(key, true));
        found.keySet().removeIf(other -> !other.equals(key) && !other.startsWith(key + "/"));
        return found;
    }

    /** Takes plain tars of directories and regular files. */
    void write(String directory, InputStream archive, boolean mayReplace) {
        String parent = key(directory);
        synchronized (this) {
            if (node(parent, directory).content != null) {
                throw new ContainerRuntimeException(
                        Code.INVALID_ARGUMENT, "directory: %s (expected: a directory)".formatted(directory));
            }
        }
        // Read to its end and not closed, as the contract has it.
        @SuppressWarnings("resource")
        TarArchiveInputStream tar = new TarArchiveInputStream(archive, "UTF-8");
        try {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (!entry.isCheckSumOK()) {
                    throw new IOException("the checksum of a header is wrong");
                }
                put(parent, entry, entry.isDirectory() ? null : content(entry, tar), mayReplace);
            }
            archive.skip(Long.MAX_VALUE);
        } catch (InterruptedIOException e) {
            throw new UncheckedIOException(e);
        } catch (IOException e) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "archive: %s (expected: a tar)".formatted(e.getMessage()), e);
        }
    }

    private static byte[] content(TarArchiveEntry entry, TarArchiveInputStream tar) throws IOException {
        if (entry.getSize() > FILE_BYTES_MAX) {
            throw new ContainerRuntimeException(
                    Code.RESOURCE_EXHAUSTED,
                    "archive entry: %s of %d bytes (expected: at most %d)"
                            .formatted(entry.getName(), entry.getSize(), FILE_BYTES_MAX));
        }
        return tar.readAllBytes();
    }

    private synchronized void put(String parent, TarArchiveEntry entry, byte @Nullable [] content, boolean mayReplace) {
        String name = entry.getName();
        if (Arrays.asList(name.split("/", -1)).contains("..")) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "archive entry: %s (expected: a name below the directory)".formatted(name));
        }
        String key = key(parent + "/" + name);
        Node present = nodes.get(key);
        if (present != null && (present.content == null) != (content == null) && !mayReplace) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "archive entry: %s (expected: a file for a file, and a directory for a directory)".formatted(name));
        }
        nodes.put(
                key,
                new Node(
                        content,
                        entry.getMode() & 07777,
                        entry.getLastModifiedTime().toInstant()));
    }

    @GuardedBy("this") private Node node(String key, String path) {
        Node node = nodes.get(key);
        if (node == null) {
            throw new ContainerRuntimeException(Code.NOT_FOUND, "path: %s (expected: one that exists)".formatted(path));
        }
        return node;
    }

    private static String key(String path) {
        StringBuilder key = new StringBuilder();
        for (String part : path.split("/")) {
            if (!part.isEmpty() && !part.equals(".")) {
                key.append('/').append(part);
            }
        }
        return key.toString();
    }
}
