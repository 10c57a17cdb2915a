package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images from archives of each kind, and from a registry. */
@Acceptance
class ImagesTest {
    private final TailraceServerProcess server;

    @TempDir
    private Path directory;

    private Archives archives;

    ImagesTest(TailraceServerProcess server) {
        this.server = server;
    }

    @BeforeEach
    void makeArchives() {
        archives = new Archives(directory);
    }

    @Test
    void aDockerArchiveIsImportedUnderTheNameInIt() throws IOException {
        server.run("image", "import", archives.dockerArchive("from-docker:1").toString())
                .succeeded();
        assertThat(server.run("image", "ls").succeeded().stdout()).contains("from-docker");
        assertSaysWhereItIsFrom("from-docker:1");
    }

    @Test
    void anOciLayoutIsImportedUnderTheNameInIt() throws IOException {
        server.run(
                        "image",
                        "import",
                        archives.ociLayout("docker.io/library/from-oci:2").toString())
                .succeeded();
        assertSaysWhereItIsFrom("from-oci:2");
    }

    @Test
    void theTarOfARootFileSystemIsImportedUnderTheNameGiven() throws IOException {
        server.run("image", "import", archives.rootFileSystem().toString(), "from-root:3")
                .succeeded();
        assertThat(runs("from-root:3", "cat", "/motd")).isEqualTo("from a layer\n");
    }

    @Test
    void aGzippedArchiveIsImportedAsWell() throws IOException {
        Path archive = archives.dockerArchive("from-gzip:4");
        Command.run(Duration.ofSeconds(20), List.of("gzip", archive.toString())).succeeded();
        server.run("image", "import", archive + ".gz").succeeded();
        assertSaysWhereItIsFrom("from-gzip:4");
    }

    @Test
    void whatIsNoArchiveIsRefused() throws IOException {
        Path garbage = Files.write(directory.resolve("garbage"), new byte[100_000]);
        Command.Result result = server.run("image", "import", garbage.toString(), "garbage:1");
        assertThat(result.exitCode()).as(result.toString()).isNotZero();
        assertThat(result.stderr()).isNotBlank().doesNotContain("Exception", "\tat ");
        assertThat(server.run("image", "ls").succeeded().stdout()).doesNotContain("garbage");
    }

    @Test
    void anImageIsPulledFromARegistry() throws IOException {
        try (Registry registry = Registry.start(directory.resolve("registry"))) {
            String reference = registry.address() + "/mill/app:5";
            server.run("image", "import", archives.dockerArchive(reference).toString())
                    .succeeded();
            registry.push(server, reference);
            server.run("image", "rm", reference).succeeded();
            assertThat(server.run("image", "ls").succeeded().stdout()).doesNotContain("mill/app");

            server.run("image", "pull", reference).succeeded();
            assertSaysWhereItIsFrom(reference);
        }
    }

    @Test
    void anImageOfDockerHubIsPulledFromItsMirror() throws IOException {
        try (Registry registry = Registry.start(directory.resolve("registry"));
                DockerHubMirror _ = DockerHubMirror.of(registry, server)) {
            String reference = registry.address() + "/library/mirrored:6";
            server.run("image", "import", archives.dockerArchive(reference).toString())
                    .succeeded();
            registry.push(server, reference);
            server.run("image", "rm", reference).succeeded();

            server.run("image", "pull", "mirrored:6").succeeded();
            assertSaysWhereItIsFrom("mirrored:6");
        }
    }

    @Test
    void anImageThatTheRegistryDoesNotHaveIsNotFound() throws IOException {
        try (Registry registry = Registry.start(directory.resolve("registry"))) {
            String reference = registry.address() + "/mill/nosuch:1";
            Command.Result result = server.run("image", "pull", reference);
            assertThat(result.exitCode()).as(result.toString()).isNotZero();
            assertThat(result.stderr()).contains("mill/nosuch:1").doesNotContain("Exception");
        }
    }

    /** Its own command says it. */
    private void assertSaysWhereItIsFrom(String reference) {
        assertThat(runs(reference)).isEqualTo("from a layer\n");
        server.run("image", "rm", "-f", reference).succeeded();
    }

    private String runs(String reference, String... command) {
        List<String> arguments = new ArrayList<>(List.of("run", "--rm", "--network", "none", reference));
        arguments.addAll(List.of(command));
        return server.run(arguments.toArray(String[]::new)).succeeded().stdout();
    }
}
