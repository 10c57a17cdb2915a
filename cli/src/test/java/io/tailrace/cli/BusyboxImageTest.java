package io.tailrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BusyboxImageTest {
    @Test
    void tarReadsWhatIsWritten(@TempDir Path directory) throws Exception {
        var bytes = new ByteArrayOutputStream();
        var tar = new TarWriter(bytes);
        tar.directory("d", 0755);
        tar.file("d/file", 0644, "content".getBytes(StandardCharsets.UTF_8));
        tar.symbolicLink("d/link", "file");
        tar.finish();
        var archive = Files.write(directory.resolve("a.tar"), bytes.toByteArray());
        var process = new ProcessBuilder("tar", "-xf", archive.toString(), "-C", directory.toString())
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
        assertThat(directory.resolve("d/file")).hasContent("content");
        assertThat(Files.readSymbolicLink(directory.resolve("d/link"))).hasToString("file");
    }

    @Test
    void theSameBinaryGivesTheSameImage() throws IOException {
        if (!BusyboxImage.isPossible()) {
            return;
        }
        try (var first = BusyboxImage.ofThisMachine().archive();
                var second = BusyboxImage.ofThisMachine().archive()) {
            assertThat(first.readAllBytes()).isEqualTo(second.readAllBytes());
        }
    }

    @Test
    void aDynamicBinaryIsRefused() {
        var shell = Path.of(ProcessHandle.current().info().command().orElseThrow());
        assertThatThrownBy(() -> BusyboxImage.of(shell)).hasMessageContaining("expected: a static busybox");
    }
}
