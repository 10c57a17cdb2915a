package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.client.ErrorCode;
import io.tailrace.client.ListOptions;
import io.tailrace.client.PrunedVolumes;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TailraceException;
import io.tailrace.client.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in a volume outlives containers, and what is removed is gone from the disk. */
@Acceptance
class VolumesTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final TailraceServerProcess server;
    private Tailrace client;

    VolumesTest(TailraceServerProcess server) {
        this.server = server;
        client = server.client();
    }

    @BeforeEach
    void connect() {
        client.close();
        client = server.client();
    }

    @AfterEach
    void removeAll() {
        server.run("rm", "-fv", "volume-user");
        client.volumes().prune(true, Map.of());
        assertThat(client.volumes().list()).isEmpty();
        client.close();
    }

    /** Returns when the container has been removed, which comes after its end: until then it has its volumes. */
    private String run(String mount, String script) {
        String output = server.run(
                        "run",
                        "--rm",
                        "--name=volume-run",
                        "--network=none",
                        "-v",
                        mount,
                        "busybox",
                        "sh",
                        "-c",
                        script)
                .succeeded()
                .stdout();
        Waiting.until(
                "the container to be removed",
                LIMIT,
                () -> client.containers().list(ListOptions.all()).stream()
                        .noneMatch(container -> container.name().equals("volume-run")));
        return output;
    }

    /** Where the runtime has all volumes. */
    private Path root() {
        Volume probe = client.volumes().create("probe");
        client.volumes().remove("probe");
        return Objects.requireNonNull(
                Objects.requireNonNull(Path.of(probe.path()).getParent()).getParent());
    }

    private static long du(Path directory) {
        String line = Command.run(LIMIT, List.of("du", "-s", "-B1", directory.toString()))
                .succeeded()
                .stdout();
        return Long.parseLong(line.substring(0, line.indexOf('\t')));
    }

    @Test
    void whatIsWrittenIsThereForTheNextContainerAlsoAfterTheServerWasKilled() {
        run("kept:/data", "echo one > /data/file; chmod 600 /data/file; chown 7:8 /data/file");
        server.kill();
        server.startAgain();
        assertThat(run(
                        "kept:/elsewhere:ro",
                        "cat /elsewhere/file; stat -c '%a %u %g' /elsewhere/file; "
                                + "echo two 2>/dev/null > /elsewhere/file || echo refused"))
                .isEqualTo("one\n600 7 8\nrefused\n");
    }

    @Test
    void anEmptyVolumeGetsTheFilesOfTheImageWithTheirOwners(@TempDir Path directory) throws IOException {
        Path root = Files.createDirectories(directory.resolve("root"));
        Files.createDirectories(root.resolve("bin"));
        Files.copy(Path.of("/usr/bin/busybox"), root.resolve("bin/busybox"));
        Files.createSymbolicLink(root.resolve("bin/sh"), Path.of("busybox"));
        Path data = Files.createDirectories(root.resolve("data/deep"));
        Files.writeString(data.resolve("file"), "from the image\n");
        Files.createSymbolicLink(data.resolve("link"), Path.of("file"));
        String set = "chown -R 1000:1001 data; chmod 2750 data/deep; chmod 4711 data/deep/file; chmod 700 data;"
                + " tar cf ../image.tar .";
        Command.run(LIMIT, List.of("sh", "-c", "cd " + root + "; " + set)).succeeded();
        server.run("image", "import", directory.resolve("image.tar").toString(), "volumes:1")
                .succeeded();
        String stat = "stat -c '%a %u:%g' /data /data/deep /data/deep/file; cat /data/deep/link";
        String expected = "700 1000:1001\n2750 1000:1001\n4711 1000:1001\nfrom the image\n";
        for (String mount : List.of("filled:/data", "filled:/data:ro", "/data")) {
            assertThat(server.run("run", "--rm", "--network=none", "-v", mount, "volumes:1", "sh", "-c", stat)
                            .succeeded()
                            .stdout())
                    .as(mount)
                    .isEqualTo(expected);
        }
        assertThat(server.run(
                                "run",
                                "--rm",
                                "--network=none",
                                "-v",
                                "empty:/data:nocopy",
                                "volumes:1",
                                "sh",
                                "-c",
                                "echo /data/*")
                        .succeeded()
                        .stdout())
                .isEqualTo("/data/*\n");
        assertThat(client.volumes().list()).extracting(Volume::name).containsExactly("empty", "filled");
        server.run("image", "rm", "-f", "volumes:1").succeeded();
    }

    @Test
    void whatAPruneReclaimsIsGoneFromTheDisk() throws IOException {
        Path root = root();
        run("big:/data", "head -c 5000000 /dev/zero > /data/a; mkdir /data/b; echo x > /data/b/c");
        run("used:/data", "head -c 1000000 /dev/zero > /data/a");
        server.run("create", "--name=volume-user", "-v", "used:/data", "busybox", "true")
                .succeeded();
        server.run(
                        "run",
                        "--name=volume-anonymous",
                        "--network=none",
                        "-v",
                        "/data",
                        "busybox",
                        "sh",
                        "-c",
                        "echo x > /data/x")
                .succeeded();
        server.run("rm", "volume-anonymous").succeeded();
        long before = du(root);
        PrunedVolumes anonymous = client.volumes().prune();
        assertThat(anonymous.volumes()).hasSize(1);
        long between = du(root);
        assertThat(anonymous.reclaimedBytes()).isPositive().isEqualTo(before - between);
        PrunedVolumes named = client.volumes().prune(true, Map.of());
        assertThat(named.volumes()).containsExactly("big");
        assertThat(named.reclaimedBytes()).isGreaterThan(5_000_000).isEqualTo(between - du(root));
        fails(
                ErrorCode.FAILED_PRECONDITION,
                "volume-user",
                () -> client.volumes().remove("used"));
    }

    @Test
    void aTreeThatIsDeeperThanPathsMayBeLongIsRemoved() throws IOException {
        Path root = root();
        long before = du(root);
        String descend = "i=0; while [ $i -lt 15 ]; do mkdir $n; cd $n; i=$((i+1)); done";
        // One path of 15 levels below another: together more than the kernel takes at once.
        run(
                "deep:/data",
                "n=$(head -c 200 /dev/zero | tr '\\0' d); mkdir /data/lower; cd /data/lower; %s; echo x > file; cd /data; %s; mv /data/lower ."
                        .formatted(descend, descend));
        PrunedVolumes pruned = client.volumes().prune(true, Map.of());
        assertThat(pruned.volumes()).containsExactly("deep");
        assertThat(pruned.reclaimedBytes()).isGreaterThan(30 * 4_096);
        assertThat(du(root)).isEqualTo(before);
    }

    @Test
    void whatIsWrongLeavesNothing() throws IOException {
        Path root = root();
        List<String> files = entries(root);
        int containers = client.containers().list(ListOptions.all()).size();
        for (String name : List.of("/etc", "../../etc", "..", "a", "x".repeat(129), "a b", "-rf")) {
            fails(ErrorCode.INVALID_ARGUMENT, "volume: ", () -> client.volumes().create(name));
            fails(
                    ErrorCode.INVALID_ARGUMENT,
                    "volume: ",
                    () -> client.containers().create("busybox", spec -> spec.volume(name, "/data")));
        }
        fails(ErrorCode.NOT_FOUND, "volume: missing", () -> client.volumes().get("missing"));
        fails(ErrorCode.NOT_FOUND, "volume: missing", () -> client.volumes().remove("missing"));
        fails(
                ErrorCode.INVALID_ARGUMENT,
                "mount target: data",
                () -> client.containers().create("busybox", spec -> spec.volume("made", "data")));
        // The runtime refuses it when the volumes are made already.
        fails(
                ErrorCode.INVALID_ARGUMENT,
                "/no/such/source",
                () -> client.containers()
                        .create(
                                "busybox",
                                spec -> spec.volume("made", "/a").volume("/b").bind("/no/such/source", "/c")));
        assertThat(client.volumes().list()).isEmpty();
        assertThat(entries(root)).isEqualTo(files);
        assertThat(client.containers().list(ListOptions.all())).hasSize(containers);
        assertThat(server.leftovers().mounts()).noneMatch(mount -> mount.contains("/volumes/"));
    }

    private static List<String> entries(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    private static void fails(ErrorCode code, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(TailraceException.class)
                .hasMessageContaining(message)
                .extracting("code")
                .isEqualTo(code);
    }
}
