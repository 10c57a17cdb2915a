package io.tailrace.runtime.containerd;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/** What the running kernel was built with, where it says so. */
final class KernelConfiguration {
    /** By its name since Linux 5.18, and before. */
    private static final Set<String> WITHOUT_X32 =
            Set.of("# CONFIG_X86_X32_ABI is not set", "# CONFIG_X86_X32 is not set");

    /**
     * Whether there may be x32 system calls, those of 64-bit programs with 32-bit pointers. Few kernels have them, and the
     * configuration alone tells: calling one is what a filter around this process might kill it for.
     */
    static final boolean MAY_HAVE_X32 = mayHaveX32(
            List.of(Path.of("/proc/config.gz"), Path.of("/boot/config-" + System.getProperty("os.version"))));

    private KernelConfiguration() {}

    /** @param files where a configuration may be, compressed if the name says so; the first that can be read counts */
    static boolean mayHaveX32(List<Path> files) {
        for (Path file : files) {
            try (InputStream bytes = Files.newInputStream(file);
                    InputStream text = file.toString().endsWith(".gz") ? new GZIPInputStream(bytes) : bytes;
                    BufferedReader lines = new BufferedReader(new InputStreamReader(text, StandardCharsets.UTF_8))) {
                return lines.lines().noneMatch(WITHOUT_X32::contains);
            } catch (IOException | UncheckedIOException unreadable) {
                // As without one.
            }
        }
        return true;
    }
}
