package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.api.v1.Mount;
import io.tailrace.engine.HostAccess;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostRightsTest {
    private static final ServerConfig.Listen LOOPBACK = new ServerConfig.Listen("127.0.0.1", 0, -1, "");
    private static final ServerConfig.Listen EVERYWHERE = new ServerConfig.Listen("0.0.0.0", 0, -1, "");

    private static ServerConfig.Access access(List<String> tokens, String tokenFile) {
        return new ServerConfig.Access(tokens, tokenFile, List.of(), List.of());
    }

    private static ServerConfig.Access giving(
            List<String> binds, List<String> devices, ServerConfig.Permission privileged) {
        return new ServerConfig.Access(List.of("t"), "", List.of(), List.of(), binds, devices, privileged);
    }

    @Test
    void everythingIsGivenOnlyWhereNobodyElseCanCall() {
        assertThat(HostRights.of(LOOPBACK, access(List.of(), ""))).isEqualTo(HostAccess.ALL);
        assertThat(HostRights.of(LOOPBACK, access(List.of("t"), ""))).isEqualTo(HostAccess.NONE);
        assertThat(HostRights.of(LOOPBACK, access(List.of(), "/file"))).isEqualTo(HostAccess.NONE);
        assertThat(HostRights.of(EVERYWHERE, access(List.of(), ""))).isEqualTo(HostAccess.NONE);
    }

    @Test
    void whatIsConfiguredHoldsEverywhere() {
        HostAccess some = HostRights.of(
                EVERYWHERE, giving(List.of("/srv/data/../data"), List.of(), ServerConfig.Permission.ALLOW));
        assertThat(some).isEqualTo(new HostAccess(List.of(Path.of("/srv/data")), List.of(), true));
        assertThat(HostRights.of(LOOPBACK, giving(List.of(), List.of("/"), ServerConfig.Permission.REFUSE)))
                .isEqualTo(new HostAccess(List.of(), List.of(Path.of("/")), false));
    }

    @Test
    void aPathThatIsNotAbsoluteIsRefusedByName() {
        for (List<String> wrong : List.of(List.of("data"), List.of("auto", "/data"), List.of("a\0b"))) {
            assertThatThrownBy(() -> HostRights.of(LOOPBACK, giving(wrong, List.of(), ServerConfig.Permission.AUTO)))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("access.binds: ")
                    .hasMessageContaining("(expected: absolute paths, or auto alone)");
        }
    }

    @Test
    void aClientLearnsWhatIsAllowed() {
        try (var server = TestServer.start(config -> config.withAccess(new ServerConfig.Access(
                List.of(),
                "",
                List.of(),
                List.of(),
                List.of("/srv/allowed"),
                List.of(),
                ServerConfig.Permission.REFUSE)))) {
            var request = TestServer.newContainer("true");
            request.getSpecBuilder()
                    .addMounts(Mount.newBuilder()
                            .setType(Mount.Type.TYPE_BIND)
                            .setSource("/etc")
                            .setTarget("/host"));
            assertThatThrownBy(() -> server.containers().create(request.build()))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED))
                    .hasMessageContaining("mount source: /etc (expected: below one of [/srv/allowed], links followed)");
        }
    }
}
