package io.tailrace.runtime.conformance;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** An archive of a test's, whose files are owned by 12:34 and of 2020-01-01. Not thread-safe. */
public final class Tar {
    private final TarArchiveOutputStream target;

    private Tar(TarArchiveOutputStream target) {
        this.target = target;
    }

    /** What is in it. */
    @FunctionalInterface
    public interface Content {
        /** Puts one entry after the other. */
        void put(Tar tar) throws IOException;
    }

    /** The bytes of one. */
    public static byte[] of(Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream target = new TarArchiveOutputStream(bytes, "UTF-8")) {
            target.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            content.put(new Tar(target));
        }
        return bytes.toByteArray();
    }

    /** @param name ends with a slash */
    public void directory(String name, int mode) throws IOException {
        put(name, TarConstants.LF_DIR, mode, "", new byte[0]);
    }

    /** A regular file. @param mode as chmod(2) has it */
    public void file(String name, int mode, String content) throws IOException {
        put(name, TarConstants.LF_NORMAL, mode, "", content.getBytes(StandardCharsets.UTF_8));
    }

    /** A hard link says of its file what that says of itself. */
    void link(String name, byte type, String to) throws IOException {
        put(name, type, type == TarConstants.LF_LINK ? 04751 : 0777, to, new byte[0]);
    }

    private void put(String name, byte type, int mode, String link, byte[] content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
        entry.setMode(mode);
        entry.setIds(12, 34);
        entry.setLastModifiedTime(FileTime.from(FilesConformance.LONG_AGO));
        entry.setLinkName(link);
        entry.setSize(content.length);
        target.putArchiveEntry(entry);
        target.write(content);
        target.closeArchiveEntry();
    }
}
