package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ArchiveSink;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.PathStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;

/** The files of a container, as the engine packs and unpacks them. Thread-safe. */
final class ContainerArchive {
    /** What a path is, as Base64 of JSON. */
    private static final String STATUS = "x-docker-container-path-stat";

    /** Words of the engine's about an archive that cannot be unpacked. */
    private static final Set<String> OF_ARCHIVE = Set.of(
            "tar",
            "archive",
            "outside of",
            "invalid symlink",
            "invalid hardlink",
            "cannot overwrite",
            "unexpected eof");

    private static final int COPY_BYTES = 65_536;

    /** The bits of Go's os.FileMode. */
    private static final long DIRECTORY = 1L << 31;

    private static final long LINK = 1L << 27;
    private static final long DEVICE = 1L << 26;
    private static final long PIPE = 1L << 25;
    private static final long SOCKET = 1L << 24;
    private static final long SETUID = 1L << 23;
    private static final long SETGID = 1L << 22;
    private static final long CHARACTERS = 1L << 21;
    private static final long STICKY = 1L << 20;
    private static final long PERMISSIONS = 0777;

    private final EngineClient client;
    private final Place place;

    ContainerArchive(EngineClient client, Place place) {
        this.client = client;
        this.place = place;
    }

    PathStatus stat(String path) {
        try {
            return status(client.head(path(path), STATUS, "path: " + path));
        } catch (ContainerRuntimeException e) {
            throw named("path", path, e);
        }
    }

    private static ContainerRuntimeException named(String what, String path, ContainerRuntimeException e) {
        return e.code() == Code.NOT_FOUND
                ? new ContainerRuntimeException(
                        Code.NOT_FOUND, "%s: %s (expected: one that exists)".formatted(what, path), e)
                : e;
    }

    void read(String path, ArchiveSink sink) {
        HttpConnection archive;
        try {
            archive = client.stream(path(path), "path: " + path);
        } catch (ContainerRuntimeException e) {
            throw named("path", path, e);
        }
        try {
            OutputStream target = sink.begin(status(archive.header(STATUS)));
            ByteBuffer chunk = ByteBuffer.allocate(COPY_BYTES);
            while (archive.read(chunk.clear()) >= 0) {
                target.write(chunk.array(), 0, chunk.position());
            }
            target.flush();
        } catch (IOException e) {
            throw new ContainerRuntimeException(
                    Code.UNAVAILABLE, "path: %s: reading it broke off: %s".formatted(path, e.getMessage()), e);
        } finally {
            client.end(archive);
        }
    }

    void write(String directory, InputStream archive, boolean mayReplace) {
        String target = path(directory) + (mayReplace ? "" : "&noOverwriteDirNonDir=true");
        try {
            client.put(target, archive, "directory: " + directory);
        } catch (ContainerRuntimeException e) {
            if (e.code() == Code.NOT_FOUND) {
                throw named("directory", directory, e);
            }
            if (String.valueOf(e.getMessage()).contains("not a directory")) {
                throw new ContainerRuntimeException(
                        Code.INVALID_ARGUMENT, "directory: %s (expected: a directory)".formatted(directory), e);
            }
            throw new ContainerRuntimeException(code(e), String.valueOf(e.getMessage()), e);
        }
    }

    /** Of much that is wrong with an archive, or with where it is to go, the engine says no more than that it failed. */
    private static Code code(ContainerRuntimeException e) {
        if (e.code() != Code.INTERNAL) {
            return e.code();
        }
        String words = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        if (words.contains("read-only")) {
            return Code.PERMISSION_DENIED;
        }
        return OF_ARCHIVE.stream().anyMatch(words::contains) ? Code.INVALID_ARGUMENT : Code.INTERNAL;
    }

    private String path(String path) {
        return place.path("/archive?path=" + EngineClient.encoded(path));
    }

    private static PathStatus status(String header) {
        try {
            JsonNode status = Json.MAPPER.readTree(Base64.getDecoder().decode(header));
            long mode = status.path("mode").asLong();
            PathStatus.Type type = type(mode);
            return new PathStatus(
                    status.path("name").asText(),
                    type,
                    type == PathStatus.Type.FILE ? status.path("size").asLong() : 0,
                    permissions(mode),
                    time(status.path("mtime").asText()),
                    status.path("linkTarget").asText());
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            throw new ContainerRuntimeException(
                    Code.INTERNAL, "%s: %s (expected: the status of a path)".formatted(STATUS, header), e);
        }
    }

    private static Instant time(String text) {
        return OffsetDateTime.parse(text).toInstant();
    }

    private static PathStatus.Type type(long mode) {
        if ((mode & DIRECTORY) != 0) {
            return PathStatus.Type.DIRECTORY;
        }
        if ((mode & LINK) != 0) {
            return PathStatus.Type.LINK;
        }
        return (mode & (DEVICE | PIPE | SOCKET | CHARACTERS)) != 0 ? PathStatus.Type.OTHER : PathStatus.Type.FILE;
    }

    private static int permissions(long mode) {
        int permissions = (int) (mode & PERMISSIONS);
        permissions |= (mode & SETUID) != 0 ? 04000 : 0;
        permissions |= (mode & SETGID) != 0 ? 02000 : 0;
        permissions |= (mode & STICKY) != 0 ? 01000 : 0;
        return permissions;
    }
}
