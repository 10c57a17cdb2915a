package io.tailrace.runtime.containerd;

import static io.tailrace.runtime.containerd.LifecycleTest.assertCode;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.runtime.containerd.TestImages.Tar;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.Image;
import io.tailrace.runtime.spi.Images.Progress;
import io.tailrace.runtime.spi.Images.ProgressListener;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("containerd")
@ExtendWith(ContainerdExtension.class)
class ImagesTest {
    private static final byte[] ROOT = TestImages.rootFileSystem();

    private final TestContainerd containerd;

    ImagesTest(TestContainerd containerd) {
        this.containerd = containerd;
    }

    @AfterEach
    void removeImages() {
        for (Image image : containerd.runtime.images().list()) {
            for (String reference : image.references()) {
                if (!reference.equals("docker.io/library/busybox:latest")) {
                    containerd.runtime.images().remove(reference);
                }
            }
        }
    }

    private List<Image> load(byte[] archive, String reference) {
        return containerd
                .runtime
                .images()
                .importArchive(new ByteArrayInputStream(archive), reference, ProgressListener.NONE);
    }

    private String outputOf(String image, String... command) {
        ContainerSpec spec = ContainerSpec.of(TestContainerd.newId(), image, TestContainerd.process(command));
        return containerd.run(spec).stdout();
    }

    @Test
    void theTarOfARootFileSystemBecomesAnImage() {
        List<Progress> progress = new ArrayList<>();
        Image image = containerd
                .runtime
                .images()
                .importArchive(new ByteArrayInputStream(gzip(ROOT)), "my/app:1", progress::add)
                .getFirst();
        assertThat(image.references()).containsExactly("docker.io/my/app:1");
        assertThat(image.platform()).startsWith("linux/");
        assertThat(image.sizeBytes()).isGreaterThan(ROOT.length);
        assertThat(progress).extracting(Progress::status).contains("downloading", "done");
        assertThat(outputOf("my/app:1", "echo", "hello")).isEqualTo("hello\n");
        assertCode(Code.INVALID_ARGUMENT, () -> load(ROOT, ""));
    }

    @Test
    void aDockerArchiveKeepsItsNamesAndConfiguration() {
        String diffId = Digests.of(ROOT);
        Tar tar = new Tar();
        tar.file("abc.json", config(diffId));
        tar.directory("layer1").file("layer1/layer.tar", ROOT, 0644);
        tar.file("manifest.json", """
                [{"Config":"abc.json","RepoTags":["saved:1","saved:two"],"Layers":["layer1/layer.tar"]}]""");
        List<Image> images = load(tar.bytes(), "");
        assertThat(images).hasSize(1);
        Image image = containerd.runtime.images().get("saved:two");
        assertThat(image.references())
                .containsExactlyInAnyOrder("docker.io/library/saved:1", "docker.io/library/saved:two");
        assertThat(image.config().command()).containsExactly("echo", "default");
        assertThat(image.config().environment()).containsExactly("A=b");
        assertThat(image.config().user()).isEqualTo("alice");
        assertThat(image.config().labels()).containsEntry("l", "v");
        assertThat(image.config().stopSignal()).isEqualTo("SIGINT");
        assertThat(image.createdAt()).isEqualTo("2024-01-02T03:04:05Z");
        assertThat(outputOf("saved:1", "echo", "hello")).isEqualTo("hello\n");
        assertThat(outputOf(image.id(), "echo", "by id")).isEqualTo("by id\n");
        assertThat(outputOf(image.id().substring(7, 19), "echo", "by prefix")).isEqualTo("by prefix\n");
        containerd.runtime.images().remove("saved:1");
        assertThat(containerd.runtime.images().get(image.id()).references())
                .containsExactly("docker.io/library/saved:two");
        containerd.runtime.images().remove(image.id());
        assertCode(Code.NOT_FOUND, () -> containerd.runtime.images().get("saved:two"));
        assertCode(Code.NOT_FOUND, () -> containerd.runtime.images().remove("saved:two"));
    }

    @Test
    void anOciLayoutIsTakenAsItIs() {
        byte[] layout = layout("layout:3");
        Image image = load(layout, "").getFirst();
        assertThat(image.references()).containsExactly("docker.io/library/layout:3");
        assertThat(outputOf("layout:3", "/bin/sh", "-c", "cat /added; ls /bin/text || echo gone"))
                .isEqualTo("added\ngone\n");
        assertThat(load(gzip(layout), "other").getFirst().references())
                .contains("docker.io/library/other:latest", "docker.io/library/layout:3");
    }

    /** Two layers, of which the second deletes a file of the first. */
    private static byte[] layout(String name) {
        byte[] top = new Tar()
                .file("added", "added\n")
                .directory("bin")
                .file("bin/.wh.text", "")
                .bytes();
        byte[] topGzip = gzip(top);
        byte[] config = config(Digests.of(ROOT) + "\",\"" + Digests.of(top)).getBytes(StandardCharsets.UTF_8);
        byte[] manifest = """
                {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
                "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},
                "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%d},
                {"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"%s","size":%d}]}""".formatted(
                        Digests.of(config),
                        config.length,
                        Digests.of(ROOT),
                        ROOT.length,
                        Digests.of(topGzip),
                        topGzip.length)
                .getBytes(StandardCharsets.UTF_8);
        Tar tar = new Tar();
        for (byte[] blob : new byte[][] {ROOT, topGzip, config, manifest}) {
            tar.file("blobs/" + Digests.of(blob).replace(':', '/'), blob, 0644);
        }
        tar.file("index.json", """
                {"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",
                "digest":"%s","size":%d,"annotations":{"org.opencontainers.image.ref.name":"%s"}}]}""".formatted(Digests.of(manifest), manifest.length, name));
        tar.file("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
        return tar.bytes();
    }

    private static String config(String diffIds) {
        return """
        {"architecture":"%s","os":"linux","created":"2024-01-02T03:04:05Z",
        "config":{"Cmd":["echo","default"],"Env":["A=b"],"User":"alice","Labels":{"l":"v"},"StopSignal":"SIGINT"},
        "rootfs":{"type":"layers","diff_ids":["%s"]}}""".formatted(Seccomp.architecture(), diffIds);
    }

    @Test
    void whatIsNoImageIsRefused() {
        assertCode(Code.INVALID_ARGUMENT, () -> load("this is no archive".getBytes(StandardCharsets.UTF_8), "x"));
        assertCode(Code.INVALID_ARGUMENT, () -> load(new byte[0], "x"));
        assertCode(Code.INVALID_ARGUMENT, () -> load(new byte[4096], "x"));
        byte[] cut = gzip(ROOT);
        assertCode(Code.INVALID_ARGUMENT, () -> load(Arrays.copyOf(cut, cut.length / 2), "x"));
        Tar incomplete = new Tar();
        incomplete.file("abc.json", config(Digests.of(ROOT)));
        incomplete.file("manifest.json", """
                [{"Config":"abc.json","RepoTags":["saved:1"],"Layers":["layer1/layer.tar"]}]""");
        assertCode(Code.INVALID_ARGUMENT, () -> load(incomplete.bytes(), "")).hasMessageContaining("layer1/layer.tar");
        assertCode(Code.INVALID_ARGUMENT, () -> load(ROOT, "UPPER CASE"));
        assertCode(Code.NOT_FOUND, () -> containerd.runtime.images().get("absent"));
        assertCode(Code.NOT_FOUND, () -> containerd.runtime.images().get("0123456789abcdef"));
        assertCode(Code.INVALID_ARGUMENT, () -> containerd.runtime.images().get("not a name"));
    }

    @Test
    void imagesArePulledFromARegistry(@TempDir Path directory) throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            port = socket.getLocalPort();
        }
        Path configuration = directory.resolve("config.yml");
        Files.writeString(configuration, """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: %s}}
                http: {addr: "127.0.0.1:%d"}
                """.formatted(directory.resolve("registry"), port));
        Process registry = new ProcessBuilder("docker-registry", "serve", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        try {
            Awaitility.await().until(() -> accepts(port));
            String reference = "127.0.0.1:" + port + "/library/app:1";
            load(layout("x"), reference);
            String id = containerd.runtime.images().get(reference).id();
            run(
                    "ctr",
                    "-a",
                    containerd.daemon.socket().toString(),
                    "-n",
                    "tailrace",
                    "images",
                    "push",
                    "--plain-http",
                    reference);
            containerd.runtime.images().remove(reference);
            assertCode(Code.NOT_FOUND, () -> containerd.runtime.images().get(reference));
            List<Progress> progress = new ArrayList<>();
            Image pulled = containerd.runtime.images().pull(reference, progress::add);
            assertThat(pulled.id()).isEqualTo(id);
            assertThat(pulled.references()).containsExactly(reference);
            assertThat(progress).isNotEmpty();
            assertThat(outputOf(reference, "cat", "/added")).isEqualTo("added\n");
            assertCode(
                    Code.NOT_FOUND,
                    () -> containerd.runtime.images().pull("127.0.0.1:" + port + "/none", ProgressListener.NONE));
            assertThatHostsDirectoryIsGoneBy("127.0.0.1:" + port, id);
        } finally {
            registry.destroy();
            registry.waitFor(10, TimeUnit.SECONDS);
        }
        assertCode(
                Code.UNAVAILABLE,
                () -> containerd.runtime.images().pull("127.0.0.1:" + port + "/library/app:1", ProgressListener.NONE));
    }

    /** @param registry has {@code library/app:1}, of that id */
    private void assertThatHostsDirectoryIsGoneBy(String registry, String id) throws IOException {
        String reference = registry + "/library/app:1";
        Path hub = hosts("docker.io", "[host.\"http://%s\"]".formatted(registry));
        Path own = hosts(registry, "[host.\"http://127.0.0.1:1\"]");
        try {
            Image mirrored = pull("app:1");
            assertThat(mirrored.id()).isEqualTo(id);
            assertThat(mirrored.references()).contains("docker.io/library/app:1");
            // Behind a mirror that is gone comes the registry itself, which is still spoken to in plain HTTP.
            assertThat(pull(reference).id()).isEqualTo(id);
            // What is said of a registry goes before what is usual on loopback.
            hosts(registry, "server = \"https://%1$s\"\n[host.\"https://%1$s\"]".formatted(registry));
            assertCode(Code.UNAVAILABLE, () -> pull(reference)).hasMessageContaining("HTTPS");
            hosts(registry, "server = \"https");
            assertThat(pull(reference).id()).isEqualTo(id);
            assertCode(Code.NOT_FOUND, () -> pull(registry + "/none"))
                    .hasMessageContaining("its hosts.toml was passed over: \"failed to parse TOML");
        } finally {
            Files.delete(own);
            Files.delete(hub);
        }
    }

    private Path hosts(String registry, String text) throws IOException {
        Path directory = containerd.config.hostsDirectory().orElseThrow().resolve(registry);
        return Files.writeString(Files.createDirectories(directory).resolve("hosts.toml"), text + "\n");
    }

    private Image pull(String reference) {
        return containerd.runtime.images().pull(reference, ProgressListener.NONE);
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor()).isZero();
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toByteArray();
    }
}
