package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelConfigurationTest {
    private static final String WITHOUT = "CONFIG_64BIT=y\n# CONFIG_X86_X32_ABI is not set\nCONFIG_COMPAT=y\n";

    @TempDir
    private Path directory;

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("config-6.18"), text);
    }

    @Test
    void aKernelThatSaysItHasNoX32NeedsNoFilterForIt() throws IOException {
        Path compressed = directory.resolve("config.gz");
        try (var bytes = new GZIPOutputStream(Files.newOutputStream(compressed))) {
            bytes.write(WITHOUT.getBytes(StandardCharsets.UTF_8));
        }

        assertThat(KernelConfiguration.mayHaveX32(List.of(file(WITHOUT)))).isFalse();
        assertThat(KernelConfiguration.mayHaveX32(List.of(file("# CONFIG_X86_X32 is not set\n"))))
                .isFalse();
        assertThat(KernelConfiguration.mayHaveX32(List.of(compressed))).isFalse();
    }

    @Test
    void aKernelThatMayHaveX32IsFilteredForIt() throws IOException {
        Path absent = directory.resolve("absent");

        assertThat(KernelConfiguration.mayHaveX32(List.of(file("CONFIG_X86_X32_ABI=y\n"))))
                .isTrue();
        assertThat(KernelConfiguration.mayHaveX32(List.of(absent))).isTrue();
        assertThat(KernelConfiguration.mayHaveX32(List.of(absent, file(WITHOUT))))
                .isFalse();
    }

    @Test
    void aConfigurationThatIsDamagedDecidesNothing() throws IOException {
        Path damaged = Files.writeString(directory.resolve("config.gz"), WITHOUT);

        assertThat(KernelConfiguration.mayHaveX32(List.of(damaged))).isTrue();
    }
}
