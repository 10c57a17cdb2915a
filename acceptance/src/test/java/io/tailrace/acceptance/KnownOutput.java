package io.tailrace.acceptance;

import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.CreateContainerRequest;
import io.tailrace.api.v1.Mount;
import io.tailrace.delivery.CountedLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;

/**
 * An output of which every byte is known before it is written: counted lines in a file that containers write to stdout, at
 * once or slowly. So each of many readers can be compared byte by byte, at little cost. Immutable.
 */
final class KnownOutput {
    private static final String FILE_IN_CONTAINER = "/output";

    private final Path file;
    private final byte[] bytes;
    private final long crc32;

    private KnownOutput(Path file, byte[] bytes) {
        this.file = file;
        this.bytes = bytes;
        CRC32 crc = new CRC32();
        crc.update(bytes);
        crc32 = crc.getValue();
    }

    /** One of this many bytes at least, in whole lines. @param padding see {@link CountedLines} */
    static KnownOutput of(TailraceServerProcess server, int bytesMin, int padding) {
        CountedLines lines = new CountedLines("line", padding);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(bytesMin + padding);
        for (int number = 1; bytes.size() < bytesMin; number++) {
            bytes.writeBytes(lines.line(number).getBytes(StandardCharsets.US_ASCII));
        }
        try {
            Path file = Files.createTempFile(server.shared(), "output-", "");
            Files.write(file, bytes.toByteArray());
            return new KnownOutput(file, bytes.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a container that will write it as fast as it can. */
    Container writtenAtOnce(TailraceServerProcess server) {
        return create(server, "exec cat " + FILE_IN_CONTAINER);
    }

    /** Makes a container that will write it in pieces, with a pause after each. */
    Container writtenInPieces(TailraceServerProcess server, int pieceBytes, int pauseMillis) {
        int pieces = (bytes.length + pieceBytes - 1) / pieceBytes;
        return create(
                server, """
                i=0
                while [ $i -lt %d ]; do
                  dd if=%s bs=%d skip=$i count=1 2>/dev/null
                  i=$((i+1)); sleep %d.%03d
                done
                """.formatted(pieces, FILE_IN_CONTAINER, pieceBytes, pauseMillis / 1_000, pauseMillis % 1_000));
    }

    /** Makes a container that will write it when a line comes on its stdin. */
    Container writtenWhenTold(TailraceServerProcess server) {
        return create(server, "read line; exec cat " + FILE_IN_CONTAINER);
    }

    private Container create(TailraceServerProcess server, String script) {
        return server.api()
                .containers()
                .create(CreateContainerRequest.newBuilder()
                        .setSpec(Api.shell(script)
                                .setStdin(true)
                                .addMounts(Mount.newBuilder()
                                        .setType(Mount.Type.TYPE_BIND)
                                        .setSource(file.toString())
                                        .setTarget(FILE_IN_CONTAINER)
                                        .setReadOnly(true)))
                        .build());
    }

    int length() {
        return bytes.length;
    }

    long crc32() {
        return crc32;
    }

    /** How many of some bytes are not what stands at an offset; bytes beyond the end are all wrong. */
    int differences(long offset, ByteBuffer data) {
        int inside = Math.clamp(bytes.length - offset, 0, data.remaining());
        ByteBuffer expected = ByteBuffer.wrap(bytes, (int) Math.min(offset, bytes.length), inside);
        ByteBuffer given = data.slice(data.position(), inside);
        int wrong = data.remaining() - inside;
        if (expected.mismatch(given) < 0) {
            return wrong;
        }
        for (int i = 0; i < inside; i++) {
            wrong += expected.get(expected.position() + i) == given.get(i) ? 0 : 1;
        }
        return wrong;
    }
}
