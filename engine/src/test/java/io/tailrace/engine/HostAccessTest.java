package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.log.ExitReason;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HostAccessTest {
    @TempDir
    Path directory;

    private Path allowed;
    private Path secret;
    private TestEngine test;

    @BeforeEach
    void open() throws IOException {
        directory = directory.toRealPath();
        allowed = Files.createDirectories(directory.resolve("allowed/inner"));
        allowed = directory.resolve("allowed");
        secret = Files.createDirectories(directory.resolve("secret"));
        test = TestEngine.open(
                directory.resolve("engine"),
                config ->
                        config.withHostAccess(new HostAccess(List.of(allowed), List.of(Path.of("/dev/fuse")), false)));
    }

    @AfterEach
    void close() {
        test.close();
    }

    private static Request bind(Object source) {
        return new Request("true").mounts(new Mount(Mount.Type.BIND, source.toString(), "/data", false, 0, List.of()));
    }

    private void refused(Request request, String message) {
        assertThatThrownBy(() -> test.engine().create(request.build()))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining(message)
                .extracting("code")
                .isEqualTo(ErrorCode.PERMISSION_DENIED);
        assertThat(test.machine().containerIds()).isEmpty();
    }

    @Test
    void onlyWhatIsAllowedCanBeBound() throws IOException {
        for (Object source :
                List.of(allowed, allowed.resolve("inner"), allowed + "/inner/../inner", allowed + "/new/one")) {
            test.engine().create(bind(source).build()).remove(true);
        }
        refused(
                bind(secret),
                "mount source: " + secret + " (expected: below one of [" + allowed + "], links followed)");
        refused(bind("/"), "mount source: / (expected: ");
        refused(bind(directory), "(expected: below one of ");
        refused(bind(allowed + "-not"), "(expected: below one of ");
        refused(bind(allowed + "/../secret"), "/../secret (expected: below one of ");
        refused(bind(allowed + "/new/../../secret"), "(expected: a path that can be followed to its end)");
    }

    @Test
    void noLinkLeadsOut() throws IOException {
        Files.createSymbolicLink(allowed.resolve("out"), secret);
        Files.createSymbolicLink(allowed.resolve("nowhere"), secret.resolve("not/there"));
        Files.createSymbolicLink(allowed.resolve("circle"), allowed.resolve("circle"));
        Files.createSymbolicLink(allowed.resolve("in"), allowed.resolve("inner"));
        refused(bind(allowed.resolve("out")), "/out (expected: below one of ");
        refused(bind(allowed.resolve("out/below")), "(expected: below one of ");
        refused(bind(allowed.resolve("nowhere")), "(expected: a path that can be followed to its end)");
        refused(bind(allowed.resolve("nowhere/below")), "(expected: a path that can be followed to its end)");
        refused(bind(allowed.resolve("circle")), "(expected: a path that can be followed to its end)");
        test.engine().create(bind(allowed.resolve("in")).build()).remove(true);
        Files.createSymbolicLink(secret.resolve("back"), allowed.resolve("inner"));
        test.engine().create(bind(secret.resolve("back")).build()).remove(true);
    }

    @Test
    void aPathThatHasBecomeALinkIsNotMounted() throws Exception {
        Container container =
                test.engine().create(bind(allowed.resolve("inner")).build());
        Files.delete(allowed.resolve("inner"));
        Files.createSymbolicLink(allowed.resolve("inner"), secret);
        assertThatThrownBy(container::start).hasMessageContaining("/inner (expected: below one of ");
        assertThat(TestEngine.awaitExit(container).reason()).isEqualTo(ExitReason.START_FAILED);
    }

    @Test
    void devicesAndPrivilegesAreAllowedLikewise() throws Exception {
        refused(
                new Request("true").devices(new ContainerSpec.Device("/dev/mem", "/dev/mem", "r")),
                "device: /dev/mem (expected: below one of [/dev/fuse], links followed)");
        refused(new Request("true").privileged(), "privileged: true (expected: false");
        refused(
                new Request("true").addedCapabilities("cap_sys_admin"),
                "addedCapabilities: cap_sys_admin (expected: one that every container has");
        refused(new Request("true").addedCapabilities("ALL"), "addedCapabilities: ALL (expected: ");
        Container container = test.engine()
                .create(new Request("hold").addedCapabilities("NET_RAW").build());
        container.start();
        assertThatThrownBy(() -> container.exec(new NewExec("e", List.of("true"), Map.of(), "", "", false, null, true)))
                .extracting("code")
                .isEqualTo(ErrorCode.PERMISSION_DENIED);
        assertThat(container.execs()).isEmpty();
    }

    @Test
    void whatIsNotConfiguredIsRefusedOrAllowedAltogether() {
        assertThatThrownBy(() -> HostAccess.NONE.check(bind(allowed).build()))
                .hasMessageContaining("(expected: none; this server gives none)");
        HostAccess.ALL.check(bind("/etc")
                .privileged()
                .addedCapabilities("ALL")
                .devices(new ContainerSpec.Device("/dev/mem", "/dev/mem", "rwm"))
                .build());
    }
}
