package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.runtime.containerd.TestImages.Tar;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarIndexTest {
    @TempDir
    private Path directory;

    private TarIndex index(byte[] tar) throws IOException {
        Path file = Files.createTempFile(directory, "archive", ".tar");
        Files.write(file, tar);
        return TarIndex.read(file);
    }

    @Test
    void partsAreFoundThroughLinksAndOddNames() throws IOException {
        Tar tar = new Tar();
        tar.file("./manifest.json", "[]");
        tar.file("a/layer.tar", "layer");
        tar.link("b/layer.tar", "../a/layer.tar");
        // In a locale without it, this is the name of no file on this machine.
        tar.link("c/layer.tar", "../\u00fc/./../a/layer.tar");
        tar.link("d/layer.tar", "/a/layer.tar");
        tar.link("loop.json", "loop.json");
        tar.file("usr/share/doc/readme.json", "too deep to matter");
        TarIndex index = index(tar.bytes());
        assertThat(index.bytes("manifest.json", 100)).isEqualTo("[]".getBytes(StandardCharsets.UTF_8));
        assertThat(index.bytes("b/layer.tar", 100)).isEqualTo("layer".getBytes(StandardCharsets.UTF_8));
        assertThat(index.contains("c/layer.tar")).isTrue();
        assertThat(index.contains("d/layer.tar")).isTrue();
        assertThat(index.bytes("b/layer.tar", 1)).isEqualTo("la".getBytes(StandardCharsets.UTF_8));
        assertThat(index.contains("loop.json")).isFalse();
        assertThat(index.contains("usr/share/doc/readme.json")).isFalse();
        LifecycleTest.assertCode(Code.INVALID_ARGUMENT, () -> index.open("absent.json"));
    }

    @Test
    void tarsOfOtherToolsAreRead() throws Exception {
        Path tree = Files.createDirectories(directory.resolve("tree"));
        String longName = "n".repeat(150) + ".json";
        Files.writeString(tree.resolve(longName), "long");
        for (String format : new String[] {"gnu", "pax"}) {
            Path file = directory.resolve(format + ".tar");
            Process tar = new ProcessBuilder(
                            "tar", "--format=" + format, "-cf", file.toString(), "-C", tree.toString(), ".")
                    .start();
            assertThat(tar.waitFor()).isZero();
            assertThat(TarIndex.read(file).bytes(longName, 10)).isEqualTo("long".getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void damageIsRefusedOrPassedOverAndNeverMore() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Tar tar = new Tar();
        for (int file = 0; file < 20; file++) {
            tar.file("blobs/sha256/" + file, "x".repeat(random.nextInt(2_000)));
        }
        byte[] whole = tar.bytes();
        for (int round = 0; round < 500; round++) {
            byte[] damaged = whole.clone();
            for (int change = 0; change < 5; change++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                index(damaged);
            } catch (io.tailrace.runtime.spi.ContainerRuntimeException refused) {
                assertThat(refused.code()).as("seed %d", seed).isEqualTo(Code.INVALID_ARGUMENT);
            }
        }
    }
}
