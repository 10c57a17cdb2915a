package io.tailrace.runtime.containerd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import io.tailrace.delivery.fuzz.FuzzInput;
import io.tailrace.delivery.fuzz.FuzzPlace;
import io.tailrace.delivery.fuzz.Fuzzing;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a client may send as files, and where they go: nothing is written outside of the container's root. */
@DeliveryTest
@Tag("containerd") // For its rights: owners and devices are set.
class HostileFilesFuzzTest {
    private static final int BLOCK_BYTES = 512;
    private static final Path PLACE = FuzzPlace.make();
    private static final List<String> NAMES = List.of(
            "a",
            "b",
            "a/b",
            "a/b/c",
            "../outside",
            "a/../../outside",
            "/a",
            "/outside",
            "link/x",
            "link",
            ".",
            "",
            "./a/",
            "a//b");
    private static final List<String> TARGETS =
            List.of("..", "../..", "/", "/outside", "../outside", "a", "b", "link", "/proc/self/root", "../../outside");

    @Test
    @Promise({7})
    void filesOfWellFormedGarbageReachTheHost(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, HostileFilesFuzzTest.class, "files", 1_500);
    }

    static List<byte[]> filesSeeds() {
        return List.of(
                FuzzInput.of(9, 2, 0, "/outside", 8, 0, 0, "x"),
                FuzzInput.of(9, 2, 1, "..", 8, 0, 0, "x", 4, 1, 0, "outside"),
                FuzzInput.of(0, 3, 0, "", 2, 5, 0, "", 2, 0, 0, "x"));
    }

    /** Entries with true checksums, whose names, types, links and contents may be any and refer to each other. */
    static void files(byte[] input) {
        FuzzInput in = new FuzzInput(input);
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        for (int left = 0; left < 16 && in.hasMore(); left++) {
            String name = NAMES.get(in.below(NAMES.size()));
            int type = in.below(13);
            String target = TARGETS.get(in.below(TARGETS.size()));
            byte[] content = in.text(600).getBytes(UTF_8);
            byte flag = (byte) (type < 8 ? '0' + type : "LKxgS".charAt(type - 8));
            entry(tar, name, flag, content, in.below(4) == 0 ? "../".repeat(9) + target : target);
        }
        unpack(tar.toByteArray());
    }

    @Test
    @Promise({7})
    void anArchiveOfGarbageStopsTheServer(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, HostileFilesFuzzTest.class, "archive", 1_500);
    }

    static List<byte[]> archiveSeeds() {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        entry(tar, "a", (byte) '5', new byte[0], "");
        entry(tar, "a/b", (byte) '0', "content".getBytes(UTF_8), "");
        entry(tar, "x", (byte) 'x', "30 path=../../outside/of/it..\n22 GNU.sparse.major=1\n".getBytes(UTF_8), "");
        entry(tar, "c", (byte) '0', "1\n0\n9\n".getBytes(UTF_8), "");
        ByteArrayOutputStream longNames = new ByteArrayOutputStream();
        entry(longNames, "././@LongLink", (byte) 'L', "n/".repeat(300).getBytes(UTF_8), "");
        entry(longNames, "n", (byte) '0', "x".getBytes(UTF_8), "");
        return List.of(tar.toByteArray(), longNames.toByteArray());
    }

    /** The bytes as they are; a tar's checksums are made right, as whoever means harm would. */
    static void archive(byte[] input) {
        byte[] tar = input.clone();
        for (int at = 0; at + BLOCK_BYTES <= tar.length; at += BLOCK_BYTES) {
            if (new String(tar, at + 257, 5, UTF_8).equals("ustar")) {
                checksum(tar, at);
            }
        }
        unpack(tar);
    }

    private static void unpack(byte[] tar) {
        try {
            Path top = Files.createDirectory(PLACE.resolve("top"));
            Path outside = Files.writeString(
                    Files.createDirectory(top.resolve("outside")).resolve("x"), "untouched");
            Path inside = Files.createDirectories(top.resolve("root/data"));
            Files.createSymbolicLink(inside.resolve("link"), Path.of("../../outside"));
            try (ContainerRoot root =
                    new ContainerRoot(Linux.open(top.resolve("root"), LinuxFiles.O_PATH | LinuxFiles.O_DIRECTORY))) {
                new ArchiveUnpacking(root, "/data", true).unpack(new ByteArrayInputStream(tar));
            } catch (ContainerRuntimeException refused) {
                assertThat(refused.code()).isNotEqualTo(Code.INTERNAL);
            } catch (IOException | IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException broken) {
                assertThat(ArchiveEntries.broken(broken).code()).isEqualTo(Code.INVALID_ARGUMENT);
            }
            assertThat(outside).hasContent("untouched");
            assertThat(names(top)).containsExactlyInAnyOrder("outside", "root");
            assertThat(names(top.resolve("outside"))).containsExactly("x");
            remove(top);
        } catch (IOException unexpected) {
            throw new UncheckedIOException(unexpected);
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(path -> path.getFileName().toString()).toList();
        }
    }

    private static void remove(Path top) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(top)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            assertThat(Files.deleteIfExists(path)).isTrue();
        }
        assertThat(Files.exists(top, LinkOption.NOFOLLOW_LINKS)).isFalse();
    }

    private static void entry(ByteArrayOutputStream tar, String name, byte type, byte[] content, String link) {
        byte[] block = new byte[BLOCK_BYTES];
        put(block, 0, name, 100);
        put(block, 100, "0004755", 8);
        put(block, 108, "0000000", 8);
        put(block, 116, "0000000", 8);
        put(block, 124, "%011o".formatted(content.length), 12);
        put(block, 136, "14000000000", 12);
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
}
