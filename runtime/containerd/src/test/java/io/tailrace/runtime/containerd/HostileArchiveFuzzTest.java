package io.tailrace.runtime.containerd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.Status;
import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import io.tailrace.delivery.fuzz.FuzzInput;
import io.tailrace.delivery.fuzz.FuzzPlace;
import io.tailrace.delivery.fuzz.Fuzzing;
import io.tailrace.runtime.containerd.TestImages.Tar;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.Image;
import io.tailrace.runtime.spi.Images.ProgressListener;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** What a client may send as an image, and what an image may say of itself. */
@DeliveryTest
class HostileArchiveFuzzTest {
    private static final int BLOCK_BYTES = 512;
    /** What google.protobuf.Timestamp can say as JSON. */
    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");

    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999999Z");
    private static final Path SPOOL = FuzzPlace.make();

    @Test
    @Promise({7})
    void anArchiveOfGarbageStopsTheServer(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, HostileArchiveFuzzTest.class, "archive", 1_000);
    }

    static List<byte[]> archiveSeeds() throws IOException {
        byte[] layer = new Tar().file("etc/passwd", "root:x:0:0::/:/bin/sh\n").bytes();
        return List.of(
                layer,
                gzipped(layer),
                docker(layer, "[{\"Config\":\"c.json\",\"RepoTags\":[\"a/b:c\"],\"Layers\":[\"l/layer.tar\"]}]"),
                layout(layer, "2024-05-06T07:08:09Z"),
                layout(layer, "+999999-05-06T07:08:09Z"),
                sized(layer, new byte[] {(byte) 0xff, -1, -1, -1, -1, -1, -1, -1, -1, -1, -2, 0}),
                sized(layer, new byte[] {(byte) 0x80, 0, 0, 0, 0x7f, -1, -1, -1, -1, -1, -1, -1}),
                sized(layer, new byte[] {(byte) 0x80, 0, 0, 0, -1, -1, -1, -1, -1, -1, -4, 0}));
    }

    /** A tar whose only entry says it is as large as that: a negative size would lead back to its header. */
    private static byte[] sized(byte[] tar, byte[] size) {
        byte[] changed = tar.clone();
        System.arraycopy(size, 0, changed, 124, size.length);
        return changed;
    }

    /** The bytes as they are; a tar's checksums are made right, as whoever means harm would. */
    static void archive(byte[] input) {
        byte[] tar = input.clone();
        for (int at = 0; at + BLOCK_BYTES <= tar.length; at += BLOCK_BYTES) {
            if (new String(tar, at + 257, 5, UTF_8).equals("ustar")) {
                checksum(tar, at);
            }
        }
        load(tar);
    }

    @Test
    @Promise({7})
    void anArchiveOfWellFormedGarbageStopsTheServer(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, HostileArchiveFuzzTest.class, "entries", 1_000);
    }

    static List<byte[]> entriesSeeds() {
        return List.of(
                FuzzInput.of(0, 0, "x", 3, 0, "{\"manifests\":[{\"digest\":\"%0\",\"size\":2}]}"),
                FuzzInput.of(9, 0, "{\"config\":{\"digest\":\"%0\",\"size\":-1},\"layers\":[]}", 3, 0, "{}"),
                FuzzInput.of(2, 5, "12 path=a\u0000b\n", 4, 6, "30 size=-1\n30 linkpath=\u0000\n", 1, 1, ""),
                FuzzInput.of(5, 2, "../../etc/passwd", 6, 0, "blobs/x"));
    }

    /** Entries with true checksums and sizes, whose names, types and contents may be any and refer to each other. */
    static void entries(byte[] input) {
        FuzzInput in = new FuzzInput(input);
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        String digest = Digests.of("{}".getBytes(UTF_8));
        for (int left = 0; left < 12 && in.hasMore(); left++) {
            int kind = in.below(12);
            int type = in.below(12);
            String text = in.text(1_500).replace("%0", digest).replace("%1", "sha256:loop");
            byte[] content = text.getBytes(UTF_8);
            String name = switch (kind) {
                case 0 -> "oci-layout";
                case 1, 2, 3 -> "index.json";
                case 4 -> "manifest.json";
                case 5 -> "l/layer.tar";
                case 6 -> "c.json";
                case 7 -> "blobs/sha256/loop";
                case 8 -> "./" + text.substring(0, Math.min(90, text.length()));
                default -> {
                    digest = Digests.of(content);
                    yield "blobs/" + digest.replace(':', '/');
                }
            };
            entry(tar, name, (byte) (type < 8 ? '0' + type : "LKxg".charAt(type - 8)), content, text);
        }
        load(tar.toByteArray());
    }

    private static void entry(ByteArrayOutputStream tar, String name, byte type, byte[] content, String link) {
        byte[] block = new byte[BLOCK_BYTES];
        put(block, 0, name, 100);
        put(block, 124, "%011o".formatted(content.length), 12);
        block[156] = type;
        put(block, 157, link, 100);
        put(block, 257, "ustar", 6);
        checksum(block, 0);
        tar.writeBytes(block);
        tar.writeBytes(content);
        tar.writeBytes(new byte[(BLOCK_BYTES - content.length % BLOCK_BYTES) % BLOCK_BYTES]);
    }

    private static void put(byte[] block, int at, String text, int bytesMax) {
        byte[] bytes = text.getBytes(UTF_8);
        System.arraycopy(bytes, 0, block, at, Math.min(bytes.length, bytesMax));
    }

    private static void checksum(byte[] tar, int at) {
        Arrays.fill(tar, at + 148, at + 156, (byte) ' ');
        int sum = 0;
        for (int index = 0; index < BLOCK_BYTES; index++) {
            sum += tar[at + index] & 0xff;
        }
        put(tar, at + 148, "%06o\0 ".formatted(sum), 155);
    }

    /** Loaded or refused: the client is told what is wrong with it, and never that the server failed. */
    private static void load(byte[] bytes) {
        Store store = new Store();
        try {
            List<ImageArchive.Loaded> images = new ImageArchive(store, SPOOL)
                    .load(
                            new ByteArrayInputStream(bytes),
                            Optional.of(ImageReference.parse("fuzzed")),
                            "lease",
                            ProgressListener.NONE);
            for (ImageArchive.Loaded loaded : images) {
                assertThat(loaded.names()).isNotEmpty();
                looksLikeAnImage(ImageContent.read(store, loaded.target().getDigest()));
            }
        } catch (ContainerRuntimeException refused) {
            assertThat(refused.code()).isNotEqualTo(Code.INTERNAL);
        }
        try (Stream<Path> left = Files.list(SPOOL)) {
            assertThat(left).isEmpty();
        } catch (IOException unexpected) {
            throw new AssertionError(unexpected);
        }
    }

    private static void looksLikeAnImage(ImageContent content) {
        Image image = content.image(List.of("fuzzed"));
        assertThat(image.createdAt()).isBetween(EARLIEST, LATEST);
        content.chainId();
    }

    @Test
    void indexesThatNameEachOtherManyTimesTakeForEver() throws IOException {
        String name = "{\"digest\":\"sha256:loop\",\"size\":1}";
        String index = "{\"manifests\":[%s]}".formatted(String.join(",", Collections.nCopies(2_000, name)));
        Tar tar = new Tar().file("oci-layout", "{}").file("index.json", index).file("blobs/sha256/loop", index);
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> load(tar.bytes()));
    }

    @Test
    void aFewBytesOfGzipFillTheDisk() throws IOException {
        byte[] bomb = gzipped(new byte[8 << 20]);
        Path spool = SPOOL.resolve("bomb");
        assertThatThrownBy(
                        () -> ImageArchive.spool(new ByteArrayInputStream(bomb), spool, 4 << 20, ProgressListener.NONE))
                .hasMessageContaining("4194304")
                .extracting("code")
                .isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(Files.size(spool)).isLessThanOrEqualTo(4 << 20);
        Files.delete(spool);
    }

    @Test
    @Promise({7})
    void anImagesAccountsStopAStart(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, HostileArchiveFuzzTest.class, "accounts", 5_000);
    }

    static List<byte[]> accountsSeeds() {
        return List.of(
                "alice:audio\nroot:x:0:0::/:/bin/sh\nalice:x:99999999999:1::/:\n\naudio:x:29:alice".getBytes(UTF_8),
                "0\n::::::\n::".getBytes(UTF_8));
    }

    static void accounts(byte[] input) {
        String[] parts = new String(input, UTF_8).split("\n", 3);
        String files = parts.length > 2 ? parts[2] : "";
        try {
            Accounts.User user = new Accounts(parts.length > 1 ? parts[1] + "\n" + files : "", files).resolve(parts[0]);
            assertThat(user.uid()).isBetween(0L, (long) Integer.MAX_VALUE);
            assertThat(user.gid()).isBetween(0L, (long) Integer.MAX_VALUE);
        } catch (ContainerRuntimeException refused) {
            assertThat(refused.code()).isEqualTo(Code.INVALID_ARGUMENT);
        }
    }

    @Test
    @Promise({7})
    void aNameOfGarbageIsTakenForAnImage(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, HostileArchiveFuzzTest.class, "references", 20_000);
    }

    static List<byte[]> referencesSeeds() {
        return List.of(
                "localhost:5000/a__b/c-d.e:tag@sha256:%s"
                        .formatted("0".repeat(64))
                        .getBytes(UTF_8),
                "a".repeat(5_000).getBytes(UTF_8),
                "[::1]:80/x".getBytes(UTF_8));
    }

    /** What is parsed says itself again, however often. */
    static void references(byte[] input) {
        ImageReference parsed;
        try {
            parsed = ImageReference.parse(new String(input, UTF_8));
        } catch (ContainerRuntimeException refused) {
            assertThat(refused.code()).isEqualTo(Code.INVALID_ARGUMENT);
            assertThat(String.valueOf(refused.getMessage())).hasSizeLessThan(1_000);
            return;
        }
        assertThat(ImageReference.parse(parsed.toString())).isEqualTo(parsed);
    }

    /** A content store that checks what it is given, as containerd's does. */
    private static final class Store implements ContentStore {
        private final Map<String, byte[]> blobs = new HashMap<>();

        @Override
        public boolean exists(String digest) {
            return blobs.containsKey(digest);
        }

        @Override
        public JsonNode readJson(String digest) {
            byte[] bytes = blobs.get(digest);
            if (bytes == null) {
                throw new ContainerRuntimeException(Code.NOT_FOUND, digest);
            }
            return ContentStore.parse(digest, bytes);
        }

        @Override
        public void write(
                String digest,
                InputStream source,
                long sizeBytes,
                Map<String, String> labels,
                String lease,
                LongConsumer progress)
                throws IOException {
            byte[] bytes = source.readNBytes((int) Math.min(1 << 20, sizeBytes));
            if (bytes.length < sizeBytes) {
                throw new IOException(digest + " is short");
            }
            if (!Digests.of(bytes).equals(digest)) {
                throw Failures.of(digest, Status.FAILED_PRECONDITION.asRuntimeException());
            }
            blobs.put(digest, bytes);
        }
    }

    private static byte[] docker(byte[] layer, String manifest) throws IOException {
        return new Tar()
                .file("c.json", config(layer, "2024-05-06T07:08:09Z"))
                .file("l/layer.tar", layer, 0644)
                .file("manifest.json", manifest)
                .bytes();
    }

    private static byte[] layout(byte[] layer, String created) throws IOException {
        byte[] config = config(layer, created).getBytes(UTF_8);
        byte[] manifest = "{\"config\":%s,\"layers\":[%s]}"
                .formatted(descriptor(config), descriptor(layer))
                .getBytes(UTF_8);
        Tar tar = new Tar().file("oci-layout", "{}");
        for (byte[] blob : List.of(config, manifest, layer)) {
            tar.file("blobs/" + Digests.of(blob).replace(':', '/'), blob, 0644);
        }
        return tar.file("index.json", "{\"manifests\":[%s]}".formatted(descriptor(manifest)))
                .bytes();
    }

    private static String descriptor(byte[] blob) {
        return "{\"digest\":\"%s\",\"size\":%d}".formatted(Digests.of(blob), blob.length);
    }

    private static String config(byte[] layer, String created) {
        return "{\"created\":\"%s\",\"os\":\"linux\",\"architecture\":\"%s\",\"config\":{\"Env\":[\"A=b\"]},\"rootfs\":{\"diff_ids\":[\"%s\"]}}"
                .formatted(created, Seccomp.architecture(), Digests.of(layer));
    }

    private static byte[] gzipped(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }
}
