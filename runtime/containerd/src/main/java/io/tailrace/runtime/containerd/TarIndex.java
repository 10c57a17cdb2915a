package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where the parts of an image archive lie in an uncompressed tar file: manifests, configurations, blobs and layers.
 * Other entries are passed over, so that the tar of a large root file system needs no memory.
 *
 * <p>Reads ustar with the GNU and pax extensions for long names and large sizes (POSIX.1-2017, pax).
 */
final class TarIndex {
    /** A regular file's bytes, or the target of a link in their place. */
    record Entry(long offset, long sizeBytes, String linkTarget) {}

    private static final int BLOCK_BYTES = 512;
    private static final int EXTENSION_BYTES_MAX = 1 << 20;
    private static final int DEPTH_MAX = 3;
    private static final int LINKS_MAX = 8;
    private static final Pattern SIZE = Pattern.compile("[0-9]{1,18}");
    /** Bounds, with the next one, what a hostile archive can make an index take: about 100 MB. */
    private static final int ENTRIES_MAX = 100_000;

    private static final int NAME_CHARACTERS_MAX = 512;

    private final Path file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private TarIndex(Path file) {
        this.file = file;
    }

    /** Reads the headers. @throws ContainerRuntimeException INVALID_ARGUMENT if the file is no tar */
    static TarIndex read(Path file) throws IOException {
        TarIndex index = new TarIndex(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            index.scan(channel);
        }
        return index;
    }

    boolean contains(String name) {
        return find(name).isPresent();
    }

    /** An entry's bytes. @throws ContainerRuntimeException INVALID_ARGUMENT if there is no such entry */
    InputStream open(String name) throws IOException {
        Entry entry = require(name);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        channel.position(entry.offset());
        return new Bounded(Channels.newInputStream(channel), entry.sizeBytes());
    }

    byte[] bytes(String name, int bytesMax) throws IOException {
        try (InputStream in = open(name)) {
            return in.readNBytes(bytesMax + 1);
        }
    }

    long sizeBytes(String name) {
        return require(name).sizeBytes();
    }

    private Entry require(String name) {
        return find(name)
                .orElseThrow(() -> new ContainerRuntimeException(
                        Code.INVALID_ARGUMENT,
                        "archive: %s is missing (expected: all parts it names)".formatted(name)));
    }

    private Optional<Entry> find(String name) {
        String current = normalised(name);
        for (int links = 0; links < LINKS_MAX; links++) {
            Entry entry = entries.get(current);
            if (entry == null || entry.linkTarget().isEmpty()) {
                return Optional.ofNullable(entry);
            }
            current = target(current, entry.linkTarget());
        }
        return Optional.empty();
    }

    /** Where a link leads. A text and no path of this machine's, whose locale may not know all of its characters. */
    private static String target(String link, String words) {
        String directory = words.startsWith("/") ? "" : link.substring(0, Math.max(0, link.lastIndexOf('/')));
        Deque<String> names = new ArrayDeque<>();
        for (String name : (directory + "/" + words).split("/")) {
            if (name.equals("..")) {
                names.pollLast();
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.addLast(name);
            }
        }
        return normalised(String.join("/", names));
    }

    private void scan(FileChannel channel) throws IOException {
        long position = 0;
        String longName = "";
        String longLink = "";
        long longSize = -1;
        ByteBuffer header = ByteBuffer.allocate(BLOCK_BYTES);
        while (readFully(channel, header, position)) {
            byte[] block = header.array();
            if (isZero(block)) {
                break;
            }
            if (!isHeader(block)) {
                throw notATar(position);
            }
            char type = (char) block[156];
            long sizeBytes = hasNoContent(type) ? 0 : longSize >= 0 ? longSize : number(block, 124, 12);
            long offset = position + BLOCK_BYTES;
            if (sizeBytes < 0 || sizeBytes > channel.size() - offset) {
                throw new ContainerRuntimeException(
                        Code.INVALID_ARGUMENT,
                        "archive: %d bytes at byte %d (expected: at most the %d that are there)"
                                .formatted(sizeBytes, offset, channel.size() - offset));
            }
            if (type == 'L') {
                longName = string(extension(channel, offset, sizeBytes), 0, (int) sizeBytes);
            } else if (type == 'K') {
                longLink = string(extension(channel, offset, sizeBytes), 0, (int) sizeBytes);
            } else if (type == 'x') {
                Map<String, String> pax = pax(extension(channel, offset, sizeBytes));
                longName = pax.getOrDefault("path", longName);
                longLink = pax.getOrDefault("linkpath", longLink);
                longSize = size(pax, offset);
                position = next(offset, sizeBytes);
                continue;
            } else if (type != 'g') {
                String name = normalised(longName.isEmpty() ? name(block) : longName);
                String link = longLink.isEmpty() ? string(block, 157, 100) : longLink;
                if (isOfInterest(name) && isPlain(name) && isPlain(link)) {
                    add(name, type, offset, sizeBytes, link);
                }
                longName = "";
                longLink = "";
            }
            longSize = -1;
            position = next(offset, sizeBytes);
        }
        if (position == 0) {
            throw notATar(0);
        }
    }

    private static long size(Map<String, String> pax, long offset) {
        String size = pax.get("size");
        if (size == null) {
            return -1;
        }
        if (!SIZE.matcher(size).matches()) {
            throw notATar(offset);
        }
        return Long.parseLong(size);
    }

    /** Links, devices and directories: a size that they give says nothing of what follows (POSIX.1-2017, ustar). */
    private static boolean hasNoContent(char type) {
        return type >= '1' && type <= '6';
    }

    /** Whether it can be a part's name: parts have none that are long or odd. */
    private static boolean isPlain(String name) {
        return name.length() <= NAME_CHARACTERS_MAX && name.indexOf('\0') < 0;
    }

    private void add(String name, char type, long offset, long sizeBytes, String link) {
        if (entries.size() == ENTRIES_MAX) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT, "archive: %d parts and more (expected: fewer)".formatted(ENTRIES_MAX));
        }
        switch (type) {
            case '0', '\0', '7' -> entries.put(name, new Entry(offset, sizeBytes, ""));
            case '1' -> entries.put(name, new Entry(0, 0, "/" + normalised(link)));
            case '2' -> entries.put(name, new Entry(0, 0, link));
            default -> {
                // Directories and devices are no parts of images.
            }
        }
    }

    private static boolean isOfInterest(String name) {
        long depth = name.chars().filter(character -> character == '/').count() + 1;
        return depth <= DEPTH_MAX
                && (name.startsWith("blobs/")
                        || name.endsWith(".json")
                        || name.endsWith(".tar")
                        || name.endsWith(".tar.gz")
                        || name.equals("oci-layout"));
    }

    private static long next(long offset, long sizeBytes) {
        return offset + (sizeBytes + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    }

    private static byte[] extension(FileChannel channel, long offset, long sizeBytes) throws IOException {
        if (sizeBytes < 0 || sizeBytes > EXTENSION_BYTES_MAX) {
            throw notATar(offset);
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) sizeBytes);
        if (!readFully(channel, bytes, offset)) {
            throw notATar(offset);
        }
        return bytes.array();
    }

    /** Records of the form {@code <length> <key>=<value>\n}. */
    private static Map<String, String> pax(byte[] bytes) {
        Map<String, String> values = new LinkedHashMap<>();
        int position = 0;
        while (position < bytes.length) {
            int space = position;
            while (space < bytes.length && bytes[space] != ' ') {
                space++;
            }
            int length;
            try {
                length = Integer.parseInt(new String(bytes, position, space - position, StandardCharsets.US_ASCII));
            } catch (NumberFormatException malformed) {
                break;
            }
            if (length < space - position + 2 || length > bytes.length - position) {
                break;
            }
            String record = new String(bytes, space + 1, position + length - space - 2, StandardCharsets.UTF_8);
            int equals = record.indexOf('=');
            if (equals > 0) {
                values.put(record.substring(0, equals), record.substring(equals + 1));
            }
            position += length;
        }
        return values;
    }

    private static String name(byte[] block) {
        String name = string(block, 0, 100);
        boolean isUstar = string(block, 257, 5).equals("ustar") && block[262] == 0;
        String prefix = isUstar ? string(block, 345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private static String normalised(String name) {
        String relative = name;
        while (relative.startsWith("./") || relative.startsWith("/")) {
            relative = relative.substring(relative.indexOf('/') + 1);
        }
        return relative;
    }

    private static boolean isZero(byte[] block) {
        for (byte value : block) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    /** The checksum is the sum of all bytes, its own field read as spaces. */
    private static boolean isHeader(byte[] block) {
        long sum = 0;
        for (int index = 0; index < BLOCK_BYTES; index++) {
            sum += index >= 148 && index < 156 ? ' ' : block[index] & 0xff;
        }
        return sum == number(block, 148, 8);
    }

    /** Octal digits, or, where the first bit is set, a big-endian number, which may be negative or too large: -1. */
    private static long number(byte[] block, int offset, int length) {
        long number = 0;
        if ((block[offset] & 0x80) != 0) {
            boolean fits = block[offset] == (byte) 0x80;
            for (int index = offset + 1; index < offset + length; index++) {
                fits = fits && number >>> (Long.SIZE - Byte.SIZE - 1) == 0;
                number = (number << Byte.SIZE) | (block[index] & 0xff);
            }
            return fits ? number : -1;
        }
        for (int index = offset; index < offset + length; index++) {
            if (block[index] >= '0' && block[index] <= '7') {
                number = (number << 3) | (block[index] - '0');
            } else if (number > 0 || block[index] == 0) {
                break;
            }
        }
        return number;
    }

    private static String string(byte[] bytes, int offset, int lengthMax) {
        int length = 0;
        while (length < lengthMax && bytes[offset + length] != 0) {
            length++;
        }
        return new String(bytes, offset, length, StandardCharsets.UTF_8);
    }

    private static boolean readFully(FileChannel channel, ByteBuffer buffer, long position) throws IOException {
        buffer.clear();
        long at = position;
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, at);
            if (read < 0) {
                return false;
            }
            at += read;
        }
        return true;
    }

    private static ContainerRuntimeException notATar(long position) {
        return new ContainerRuntimeException(
                Code.INVALID_ARGUMENT,
                "archive: no tar header at byte %d (expected: a docker-archive, an OCI layout or a root file system, as tar or tar.gz)"
                        .formatted(position));
    }

    /** The first bytes of a stream. */
    private static final class Bounded extends FilterInputStream {
        private long remaining;

        Bounded(InputStream source, long sizeBytes) {
            super(sizeBytes == 0 ? new ByteArrayInputStream(new byte[0]) : source);
            remaining = sizeBytes;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (remaining == 0) {
                return -1;
            }
            int read = super.read(target, offset, (int) Math.min(length, remaining));
            remaining -= Math.max(read, 0);
            return read;
        }
    }
}
