package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.client.Container;
import io.tailrace.client.CopyOptions;
import io.tailrace.client.PathStatus;
import io.tailrace.client.TailraceException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files go into containers and come out of them as they are, by the rules of docker cp, and nowhere else. */
@Acceptance
class FilesTest {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final long GIBIBYTE = 1L << 30;
    private static final String WAITS = "trap 'exit 0' TERM; echo ready; while :; do sleep 1; done";

    private final TailraceServerProcess server;

    @TempDir
    private Path directory;

    FilesTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    void aTreeComesBackFromAContainerOtherThanItWentIn() throws IOException {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Path tree = directory.resolve("tree");
        FileTree.make(tree, new Random(seed));
        String never = server.run("create", "--network", "none", "busybox", "true")
                .succeeded()
                .stdout()
                .strip();
        String running = running();
        for (String container : List.of(never, running)) {
            Path back = directory.resolve("back-" + container);
            server.run("cp", "-a", tree.toString(), container + ":/opt").succeeded();
            server.run("cp", "-a", container + ":/opt", back.toString()).succeeded();
            assertThat(FileTree.describe(back)).as("seed " + seed).isEqualTo(FileTree.describe(tree));
            assertThat(FileTree.allocatedBytes(back.resolve("sparse"))).isLessThan(1 << 20);
        }
        assertNothingIsMounted();
        if (server.isOnDocker()) {
            return; // The engine writes zeros where holes were.
        }
        assertThat(server.run("exec", running, "stat", "-c", "%b", "/opt/sparse")
                        .succeeded()
                        .stdout()
                        .strip())
                .satisfies(blocks -> assertThat(Long.parseLong(blocks) * 512).isLessThan(1 << 20));
    }

    @Test
    void namesAndSlashesMeanSomethingElseThanForDocker() throws IOException {
        Path source = Files.createDirectories(directory.resolve("s/site"));
        Files.writeString(source.resolve("index"), "hello");
        Path file = Files.writeString(directory.resolve("file"), "content");
        String id = running("mkdir /srv; ln -s srv /link; ");
        try (var client = server.client()) {
            Container container = client.containers().get(id);
            container.copyTo(source, "/srv");
            container.copyTo(source.resolve("."), "/srv");
            container.copyTo(source, "/new");
            container.copyTo(source, "/new-too/");
            container.copyTo(file, "/srv");
            container.copyTo(file, "/srv/");
            container.copyTo(file, "/srv/renamed");
            container.copyTo(file, "/link/through");
            container.copyTo(source, "/link");
            for (String there : List.of(
                    "/srv/site/index",
                    "/srv/index",
                    "/new/index",
                    "/new-too/index",
                    "/srv/file",
                    "/srv/renamed",
                    "/srv/through")) {
                assertThat(container.stat(there).type()).as(there).isEqualTo(PathStatus.Type.FILE);
            }
            refused("/none/", () -> container.copyTo(file, "/none/"));
            refused("/none", () -> container.copyTo(file, "/none/x"));
            refused("/srv/file", () -> container.copyTo(source, "/srv/file"));
            refused("/none", () -> container.copyFrom("/none", directory));

            Path out = Files.createDirectory(directory.resolve("out"));
            container.copyFrom("/srv/site", out);
            container.copyFrom("/srv/site/.", out);
            container.copyFrom("/srv/site", out.resolve("new"));
            container.copyFrom("/srv/file", out);
            container.copyFrom("/srv/file", out.resolve("renamed"));
            container.copyFrom("/link", out);
            container.copyFrom("/link", out.resolve("followed"), new CopyOptions(false, true));
            try (Stream<Path> walk = Files.walk(out)) {
                assertThat(walk.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                                .map(path -> out.relativize(path).toString()))
                        .containsExactlyInAnyOrder(
                                "site/index",
                                "index",
                                "new/index",
                                "file",
                                "renamed",
                                "followed/site/index",
                                "followed/index",
                                "followed/file",
                                "followed/renamed",
                                "followed/through");
            }
            assertThat(Files.readSymbolicLink(out.resolve("link"))).hasToString("srv");
            assertThatThrownBy(() -> container.copyFrom("/srv/file", out.resolve("none/x")))
                    .isInstanceOf(NoSuchFileException.class);
        }
        assertRefused("one that exists", directory + "/missing", id + ":/srv");
        assertRefused("directory", id + ":/srv/file", directory + "/none/");
        assertRefused("CONTAINER:PATH", file.toString(), directory.toString());
    }

    private static void refused(String named, ThrowingCallable copy) {
        assertThatThrownBy(copy).isInstanceOf(TailraceException.class).hasMessageContaining(named);
    }

    private void cp(String... words) {
        String[] line = Stream.concat(Stream.of("cp"), Stream.of(words)).toArray(String[]::new);
        server.run(line).succeeded();
    }

    private void assertRefused(String expected, String source, String target) {
        Command.Result result = server.run("cp", source, target);
        assertThat(result.exitCode()).as(result.toString()).isNotZero();
        assertThat(result.stderr()).contains(expected).doesNotContain("Exception", "\tat ");
    }

    @Test
    void aTarGoesInAndOutByPipesAndByHttp() throws IOException {
        String container = running();
        Path tar = directory.resolve("in.tar");
        Files.createDirectories(directory.resolve("in/d"));
        Files.writeString(directory.resolve("in/d/file"), "by pipe");
        Command.run(LIMIT, List.of("tar", "-C", directory.toString(), "-czf", tar.toString(), "in"))
                .succeeded();
        try (Command cp = Command.start(server.commandLine("cp", "-", container + ":/"), Map.of(), tar)) {
            cp.await(LIMIT).succeeded();
        }
        Path out = directory.resolve("out.tar");
        Files.write(out, server.run("cp", container + ":/in", "-").succeeded().stdoutBytes());
        assertThat(Command.run(LIMIT, List.of("tar", "-xOf", out.toString(), "in/d/file"))
                        .succeeded()
                        .stdout())
                .isEqualTo("by pipe");
        try (Http http = new Http(server)) {
            assertThat(http.put("/v1/containers/%s/archive?path=/bin".formatted(container), tar)
                            .statusCode())
                    .isEqualTo(200);
            assertThat(server.run("exec", container, "cat", "/bin/in/d/file")
                            .succeeded()
                            .stdout())
                    .isEqualTo("by pipe");
            try (var archive = http.stream("/v1/containers/%s/archive?path=/in/d/file".formatted(container))) {
                assertThat(new String(archive.readAllBytes(), StandardCharsets.UTF_8))
                        .contains("by pipe");
            }
            assertThat(http.get("/v1/containers/%s/files?path=/in/d/file".formatted(container))
                            .body())
                    .contains("\"TYPE_FILE\"", "\"sizeBytes\":\"7\"");
            assertThat(http.get("/v1/containers/%s/archive?path=/none".formatted(container))
                            .statusCode())
                    .isEqualTo(404);
            assertThat(http.get("/v1/containers/%s/archive?path=relative".formatted(container))
                            .statusCode())
                    .isEqualTo(400);
            Path garbage = Files.write(directory.resolve("garbage"), new byte[] {1, 2, 3});
            assertThat(http.put("/v1/containers/%s/archive?path=/".formatted(container), garbage)
                            .statusCode())
                    .isEqualTo(400);
        }
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aGibibyteTakesMoreMemoryThanTheServerHas() throws IOException {
        // Its heap is 384 MiB.
        String id = running("");
        try (var client = server.client()) {
            Container container = client.containers().get(id);
            container.writeArchive("/", new BigArchive(GIBIBYTE), false);
            assertThat(container.stat("/big").sizeBytes()).isEqualTo(GIBIBYTE);
            CRC32 contents = new CRC32();
            long[] count = new long[1];
            container.readArchive("/big", new OutputStream() {
                @Override
                public void write(int value) {
                    write(new byte[] {(byte) value}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) {
                    int from = (int) Math.max(0, Math.min(length, BigArchive.HEADER_BYTES - count[0]));
                    int to = (int) Math.max(from, Math.min(length, BigArchive.HEADER_BYTES + GIBIBYTE - count[0]));
                    contents.update(bytes, offset + from, to - from);
                    count[0] += length;
                }
            });
            assertThat(contents.getValue()).isEqualTo(BigArchive.contents(GIBIBYTE));
        }
    }

    @Test
    void aServerThatIsKilledWhileItCopiesLeavesSomethingBehind() throws IOException {
        String id = server.run("create", "--network", "none", "busybox", "cat", "/opt/first")
                .succeeded()
                .stdout()
                .strip();
        try (Command cp = Command.startInteractive(server.commandLine("cp", "-", id + ":/"))) {
            byte[] tar = tar("opt/first", "one\n");
            cp.stdin().write(tar, 0, tar.length - 1024);
            cp.stdin().flush();
            try (var client = server.client()) {
                Waiting.until(
                        "the first file to be there",
                        LIMIT,
                        () -> isThere(client.containers().get(id)));
            }
            server.kill();
        }
        server.startAgain();
        assertNothingIsMounted();
        assertThat(server.run("start", "-a", id).succeeded().stdout()).isEqualTo("one\n");
    }

    private boolean isThere(Container container) {
        if (server.isOnDocker()) {
            // It answers nothing about a container while it unpacks an archive into it.
            return DockerEngine.has("opt/first", 4);
        }
        try {
            return container.stat("/opt/first").sizeBytes() == 4;
        } catch (TailraceException notYet) {
            return false;
        }
    }

    private byte[] tar(String name, String content) throws IOException {
        Path root = Files.createTempDirectory(directory, "tar");
        Files.createDirectories(root.resolve(name).getParent());
        Files.writeString(root.resolve(name), content);
        Path tar = root.resolve("tar");
        Command.run(LIMIT, List.of("tar", "-C", root.toString(), "-b1", "-cf", tar.toString(), name))
                .succeeded();
        return Files.readAllBytes(tar);
    }

    @Test
    void aContainerReachesFilesOfTheHostWhenItIsCopied() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "of the host");
        String container =
                running("ln -s %s /out; ln -s / /root-link; mkdir /d; ln -s %s /d/l; ".formatted(directory, secret));
        assertRefused("/out/secret", container + ":/out/secret", directory + "/stolen");
        cp("-L", container + ":/root-link/bin/busybox", directory + "/own");
        cp(container + ":/d", directory + "/d");
        assertThat(Files.readSymbolicLink(directory.resolve("d/l"))).isEqualTo(secret);
        // A container that now swaps its directory for a file's name gets at nothing through the link that is here.
        assertRefused("expected", container + ":/d/l/", directory + "/d");
        Path changed = Files.writeString(directory.resolve("changed"), "changed");
        assertRefused("expected", changed.toString(), container + ":/d/l");
        assertThat(secret).hasContent("of the host");
    }

    private String running() {
        return running("");
    }

    private String running(String first) {
        return server.run("run", "-d", "--network", "none", "busybox", "sh", "-c", first + WAITS)
                .succeeded()
                .stdout()
                .strip();
    }

    /** No mount that a copy makes is seen in any process. */
    private void assertNothingIsMounted() throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            assertThat(processes.filter(path -> path.getFileName().toString().matches("[0-9]+")))
                    .noneMatch(this::hasMount);
        }
    }

    private boolean hasMount(Path process) {
        try (Stream<String> mounts = Files.lines(process.resolve("mountinfo"))) {
            return mounts.anyMatch(
                    line -> line.contains(server.dataDirectory().toString()) && line.contains("/files "));
        } catch (IOException | UncheckedIOException gone) {
            return false;
        }
    }
}
