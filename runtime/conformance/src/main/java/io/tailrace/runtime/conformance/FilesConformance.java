package io.tailrace.runtime.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tailrace.runtime.spi.Capability;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.Mount;
import io.tailrace.runtime.spi.PathStatus;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files go into a container and come out of it as they are, whether it runs or not, and nowhere else. */
interface FilesConformance {
    /** 2020-01-01. */
    Instant LONG_AGO = Instant.ofEpochSecond(1_577_836_800);

    Bench bench();

    @Test
    default void filesGoIntoAContainerThatWasNeverStartedAndAreThereWhenItRuns() throws Exception {
        assumeTrue(bench().can(Capability.FILES));
        Options options =
                bench().options("cat /opt/in/a /opt/in/link; stat -c '%a %u:%g %Y' /opt/in/a; stat -c %h /opt/in/hard");
        RuntimeContainer container = bench().create(options.spec());
        write(container, "/", tar -> {
            tar.directory("opt/", 0755);
            tar.directory("opt/in/", 0700);
            tar.file("opt/in/a", 04751, "hello\n");
            tar.link("opt/in/link", TarConstants.LF_SYMLINK, "a");
            tar.link("opt/in/hard", TarConstants.LF_LINK, "opt/in/a");
        });
        assertThat(container.stat("/opt/in/a"))
                .isEqualTo(new PathStatus("a", PathStatus.Type.FILE, 6, 04751, LONG_AGO, ""));
        assertThat(container.stat("/opt/in/link").type()).isEqualTo(PathStatus.Type.LINK);
        assertThat(container.stat("/opt/in/").type()).isEqualTo(PathStatus.Type.DIRECTORY);
        assertThat(container.stat("/").type()).isEqualTo(PathStatus.Type.DIRECTORY);
        RuntimeProcess process = container.prepare();
        Reading out = Reading.of(process.stdout());
        process.start();
        assertThat(Bench.text(out.await())).isEqualTo("hello\nhello\n4751 12:34 1577836800\n2\n");
        assertThat(Bench.exitOf(process).exitCode()).isZero();
        process.delete();
    }

    @Test
    default void filesComeOutOfAContainerThatRunsIsPausedOrHasExited() throws Exception {
        assumeTrue(bench().can(Capability.FILES));
        Options options = bench().options("""
                mkdir -p /out/d; echo hello > /out/d/a; ln /out/d/a /out/hard; ln -s d/a /out/link; mkfifo /out/pipe
                chown 12:34 /out/d/a; chmod 4751 /out/d/a; touch -d @1577836800 /out/d/a; echo ready; read stop; exit 0""");
        options.hasStdin = true;
        RuntimeContainer container = bench().create(options.spec());
        RuntimeProcess process = container.prepare();
        Reading out = Reading.of(process.stdout());
        process.start();
        out.await("ready\n");
        assertThat(read(container, "/out")).satisfies(FilesConformance::isWhatWasMade);
        if (bench().can(Capability.PAUSE)) {
            container.pause();
            assertThat(read(container, "/out")).satisfies(FilesConformance::isWhatWasMade);
            container.resume();
        }
        process.signal(9);
        Bench.exitOf(process);
        process.delete();
        assertThat(read(container, "/out")).satisfies(FilesConformance::isWhatWasMade);
        assertThat(entry(read(container, "/out/link"), "link").getLinkName()).isEqualTo("d/a");
        assertThatThrownBy(() -> container.stat("/out/none"))
                .hasMessageContaining("/out/none")
                .extracting("code")
                .isEqualTo(Code.NOT_FOUND);
        assertThatThrownBy(() -> read(container, "/out/none/x"))
                .hasMessageContainingAll("/out/none/x", "(expected: ")
                .extracting("code")
                .isEqualTo(Code.NOT_FOUND);
        assertThatThrownBy(() -> write(container, "/out/none", tar -> tar.file("x", 0644, "x")))
                .hasMessageContainingAll("/out/none", "(expected: ")
                .extracting("code")
                .isEqualTo(Code.NOT_FOUND);
        assertThatThrownBy(() -> write(container, "/out/d/a", tar -> tar.file("x", 0644, "x")))
                .hasMessageContainingAll("/out/d/a", "(expected: ");
    }

    private static void isWhatWasMade(Map<String, TarArchiveEntry> entries) {
        assertThat(entries.keySet()).contains("out/", "out/d/", "out/d/a", "out/hard", "out/link", "out/pipe");
        TarArchiveEntry one = entry(entries, "out/d/a");
        TarArchiveEntry other = entry(entries, "out/hard");
        TarArchiveEntry file = one.isLink() ? other : one;
        TarArchiveEntry link = one.isLink() ? one : other;
        assertThat(file.getSize()).isEqualTo(6);
        assertThat(file.getMode() & 07777).isEqualTo(04751);
        assertThat(file.getLongUserId()).isEqualTo(12);
        assertThat(file.getLongGroupId()).isEqualTo(34);
        assertThat(file.getLastModifiedTime().toInstant()).isEqualTo(LONG_AGO);
        assertThat(link.isLink()).isTrue();
        assertThat(link.getLinkName()).isEqualTo(file.getName());
        assertThat(entry(entries, "out/link").isSymbolicLink()).isTrue();
        assertThat(entry(entries, "out/link").getLinkName()).isEqualTo("d/a");
        assertThat(entry(entries, "out/pipe").isFIFO()).isTrue();
    }

    @Test
    default void whatIsBoundIntoAContainerIsReachedThroughItAlsoWhereItDoesNotRun(@TempDir Path host) throws Exception {
        assumeTrue(bench().can(Capability.FILES));
        Files.createDirectories(host.resolve("rw"));
        Files.createDirectories(host.resolve("ro"));
        Options options = bench().options("echo ready; read stop");
        options.hasStdin = true;
        options.mounts = List.of(
                new Mount(Mount.Type.BIND, host.resolve("rw").toString(), "/data/rw", false, 0, List.of()),
                new Mount(Mount.Type.BIND, host.resolve("ro").toString(), "/data/ro", true, 0, List.of()));
        RuntimeContainer container = bench().create(options.spec());
        write(container, "/data/rw", tar -> tar.file("stopped", 0644, "1"));
        assertThat(host.resolve("rw/stopped")).hasContent("1");
        RuntimeProcess process = container.prepare();
        Reading out = Reading.of(process.stdout());
        process.start();
        out.await("ready\n");
        write(container, "/data/rw", tar -> tar.file("running", 0644, "2"));
        assertThat(host.resolve("rw/running")).hasContent("2");
        assertThat(read(container, "/data/rw")).containsOnlyKeys("rw/", "rw/stopped", "rw/running");
        assertThatThrownBy(() -> write(container, "/data/ro", tar -> tar.file("no", 0644, "3")))
                .extracting("code")
                .isEqualTo(Code.PERMISSION_DENIED);
        assertThat(host.resolve("ro")).isEmptyDirectory();
        process.signal(9);
        Bench.exitOf(process);
        process.delete();
    }

    @Test
    default void aReadOnlyRootTakesNoFiles() throws Exception {
        assumeTrue(bench().can(Capability.FILES));
        Options options = bench().options("exit 0");
        options.isReadOnlyRoot = true;
        RuntimeContainer container = bench().create(options.spec());
        assertThatThrownBy(() -> write(container, "/", tar -> tar.file("no", 0644, "x")))
                .extracting("code")
                .isEqualTo(Code.PERMISSION_DENIED);
    }

    @Test
    default void anArchiveCannotReachOutOfItsDirectory(@TempDir Path host) throws Exception {
        assumeTrue(bench().can(Capability.FILES));
        Path secret = Files.writeString(host.resolve("secret"), "secret");
        RuntimeContainer container = bench().create(bench().options("exit 0").spec());
        write(container, "/", tar -> {
            tar.directory("opt/", 0755);
            tar.link("opt/out", TarConstants.LF_SYMLINK, host.toString());
        });
        // A link that leads to a path of the host's leads to the container's own, which is not there.
        assertThatThrownBy(() -> container.stat("/opt/out/secret"))
                .extracting("code")
                .isEqualTo(Code.NOT_FOUND);
        assertThatThrownBy(() -> read(container, "/opt/out/"))
                .extracting("code")
                .isEqualTo(Code.NOT_FOUND);
        for (String name : List.of("../escaped", "a/../../escaped")) {
            assertThatThrownBy(() -> write(container, "/opt", tar -> tar.file(name, 0644, "x")))
                    .as(name)
                    .extracting("code")
                    .isEqualTo(Code.INVALID_ARGUMENT);
        }
        assertThatThrownBy(() -> write(container, "/opt", tar -> {
                    tar.link("up", TarConstants.LF_SYMLINK, "../../../../tmp");
                    tar.file("up/escaped", 0644, "x");
                }))
                .extracting("code")
                .isEqualTo(Code.INVALID_ARGUMENT);
        assertThatThrownBy(() -> write(container, "/opt", tar -> tar.link("h", TarConstants.LF_LINK, "../etc/passwd")))
                .extracting("code")
                .isEqualTo(Code.INVALID_ARGUMENT);
        write(container, "/opt", tar -> tar.file("/absolute", 0644, "x"));
        assertThat(container.stat("/opt/absolute").sizeBytes()).isEqualTo(1);
        assertThatThrownBy(() -> container.writeFiles("/opt", new ByteArrayInputStream(new byte[] {1, 2, 3}), true))
                .extracting("code")
                .isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(host).isDirectoryContaining(path -> path.equals(secret)).isDirectoryNotContaining("glob:**escaped");
        assertThat(secret).hasContent("secret");
    }

    @Test
    default void aFileDoesNotTakeThePlaceOfADirectoryUnlessItMay() throws Exception {
        assumeTrue(bench().can(Capability.FILES));
        RuntimeContainer container = bench().create(bench().options("exit 0").spec());
        write(container, "/", tar -> {
            tar.directory("opt/", 0755);
            tar.directory("opt/d/", 0755);
            tar.file("opt/d/x", 0644, "x");
            tar.file("opt/f", 0644, "x");
        });
        byte[] onDirectory = Tar.of(tar -> tar.file("d", 0644, "file"));
        byte[] onFile = Tar.of(tar -> tar.directory("f/", 0755));
        for (byte[] archive : List.of(onDirectory, onFile)) {
            assertThatThrownBy(() -> container.writeFiles("/opt", new ByteArrayInputStream(archive), false))
                    .extracting("code")
                    .isEqualTo(Code.INVALID_ARGUMENT);
        }
        container.writeFiles("/opt", new ByteArrayInputStream(onDirectory), true);
        container.writeFiles("/opt", new ByteArrayInputStream(onFile), true);
        assertThat(container.stat("/opt/d").type()).isEqualTo(PathStatus.Type.FILE);
        assertThat(container.stat("/opt/f").type()).isEqualTo(PathStatus.Type.DIRECTORY);
    }

    @Test
    default void aGzippedArchiveAndLongNamesAreTaken() throws Exception {
        assumeTrue(bench().can(Capability.FILES));
        RuntimeContainer container = bench().create(bench().options("exit 0").spec());
        String name = "n".repeat(90) + "/" + "ü".repeat(100) + "/" + "m".repeat(200);
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(Tar.of(tar -> tar.file(name, 0600, "long")));
        }
        container.writeFiles("/", new ByteArrayInputStream(zipped.toByteArray()), false);
        assertThat(container.stat("/" + name).sizeBytes()).isEqualTo(4);
        assertThat(read(container, "/" + "n".repeat(90))).containsKey(name);
    }

    private static TarArchiveEntry entry(Map<String, TarArchiveEntry> entries, String name) {
        return Objects.requireNonNull(entries.get(name), name);
    }

    private static void write(RuntimeContainer container, String directory, Tar.Content content) throws IOException {
        container.writeFiles(directory, new ByteArrayInputStream(Tar.of(content)), true);
    }

    private static Map<String, TarArchiveEntry> read(RuntimeContainer container, String path) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        container.readFiles(path, status -> bytes);
        Map<String, TarArchiveEntry> entries = new TreeMap<>();
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new ByteArrayInputStream(bytes.toByteArray()), "UTF-8")) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                entries.put(entry.getName(), entry);
            }
        }
        return entries;
    }
}
