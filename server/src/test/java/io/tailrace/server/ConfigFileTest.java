package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.log.TimelineConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigFileTest {
    @TempDir
    private Path directory;

    private ServerConfig read(String yaml, Map<String, String> environment) throws IOException {
        Path file = Files.writeString(directory.resolve("tailrace.yaml"), yaml);
        return ConfigFile.read(file, environment);
    }

    @Test
    void nothingSaidIsTheDefaults() throws IOException {
        assertThat(ConfigFile.read(null, Map.of())).isEqualTo(ServerConfig.defaults());
        assertThat(read("", Map.of())).isEqualTo(ServerConfig.defaults());
    }

    @Test
    void theFileSaysWhatDiffers() throws IOException {
        ServerConfig config = read("""
                dataDirectory: /srv/tailrace
                listen: {host: 0.0.0.0, port: 9000, unixSocket: ""}
                access:
                  tokens: [one, two]
                timelines:
                  retention: 7d
                  fsync: lifecycle
                """, Map.of());
        assertThat(config.dataDirectory()).isEqualTo(Path.of("/srv/tailrace"));
        assertThat(config.listen().port()).isEqualTo(9000);
        assertThat(config.listen().secondPort()).isEqualTo(8000);
        assertThat(config.access().tokens()).containsExactly("one", "two");
        assertThat(config.timelines().retention()).isEqualTo(Duration.ofDays(7));
        assertThat(config.timelines().fsync()).isEqualTo(TimelineConfig.Fsync.LIFECYCLE);
    }

    @Test
    void whatContainersMayBeGivenIsAListOrAuto() throws IOException {
        ServerConfig.Access access = read(
                        "access: {binds: [/srv, /data], privileged: refuse}",
                        Map.of("TAILRACE_ACCESS_DEVICES", "/dev/fuse,/dev/snd"))
                .access();
        assertThat(access.binds()).containsExactly("/srv", "/data");
        assertThat(access.devices()).containsExactly("/dev/fuse", "/dev/snd");
        assertThat(access.privileged()).isEqualTo(ServerConfig.Permission.REFUSE);
        assertThat(read("access: {binds: []}", Map.of()).access().binds()).isEmpty();
        assertThat(read("", Map.of("TAILRACE_ACCESS_PRIVILEGED", "allow"))
                        .access()
                        .privileged())
                .isEqualTo(ServerConfig.Permission.ALLOW);
        assertThatThrownBy(() -> read("access: {privileged: perhaps}", Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("access.privileged");
    }

    @Test
    void theEnvironmentWins() throws IOException {
        ServerConfig config = read(
                "listen: {port: 9000}",
                Map.of(
                        "TAILRACE_LISTEN_PORT", "9001",
                        "TAILRACE_LISTEN_UNIX_SOCKET", "/tmp/t.sock",
                        "TAILRACE_DATA_DIRECTORY", "/srv/other",
                        "TAILRACE_TIMELINES_STOP_GRACE", "500ms",
                        "TAILRACE_ACCESS_ORIGINS", "https://a.example, https://b.example",
                        "TAILRACE_TOKEN", "secret",
                        "TAILRACE_SOMETHING_ELSE", "ignored"));
        assertThat(config.listen().port()).isEqualTo(9001);
        assertThat(config.listen().unixSocket()).isEqualTo("/tmp/t.sock");
        assertThat(config.dataDirectory()).isEqualTo(Path.of("/srv/other"));
        assertThat(config.timelines().stopGrace()).isEqualTo(Duration.ofMillis(500));
        assertThat(config.access().origins()).containsExactly("https://a.example", "https://b.example");
        assertThat(config.access().tokens()).containsExactly("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "listen: {prot: 9000}",
                "listen: {port: many}",
                "listen: 7",
                "timelines: {retention: soon}",
                "timelines: {fsync: sometimes}",
                "- a\n- b",
                "listen: {",
                "colour: red"
            })
    void whatIsNotUnderstoodIsRefused(String yaml) {
        assertThatThrownBy(() -> read(yaml, Map.of())).isInstanceOf(ConfigException.class);
    }

    @Test
    void foreignContainersAreFollowedUnaskedOrOnContainerd() throws IOException {
        assertThat(read("", Map.of()).runtime().foreign()).isFalse();
        ServerConfig config =
                read("runtime: {name: containerd, socket: /nonexistent}", Map.of("TAILRACE_RUNTIME_FOREIGN", "true"));
        assertThat(config.runtime().foreign()).isTrue();
        assertThatThrownBy(() -> Runtimes.open(config))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("runtime.foreign: true on containerd");
    }

    @Test
    void whatIsNoDirectoryOfRegistriesIsToldAtTheStart() throws IOException {
        assertThat(read("", Map.of()).runtime().hostsDirectory()).isEqualTo("/etc/containerd/certs.d");
        String file = Files.writeString(directory.resolve("hosts.toml"), "").toString();
        String expected = " (expected: the absolute path of a directory)";
        for (String wrong : List.of("certs.d", file, directory.resolve("absent").toString())) {
            assertThatThrownBy(() -> Runtimes.open(withHosts("containerd", wrong)))
                    .isInstanceOf(ConfigException.class)
                    .hasMessage("runtime.hostsDirectory: " + wrong + expected);
        }
        String other = directory.toString();
        assertThatThrownBy(() -> Runtimes.open(withHosts("docker", other)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("runtime.hostsDirectory: " + other + " on docker (expected: none;");
        for (String right : List.of("", other)) {
            Runtimes.checkHostsDirectory(withHosts("containerd", right), RuntimeName.CONTAINERD);
        }
    }

    private ServerConfig withHosts(String runtime, String hosts) throws IOException {
        return read(
                "runtime: {name: %s, socket: /nonexistent}".formatted(runtime),
                Map.of("TAILRACE_RUNTIME_HOSTS_DIRECTORY", hosts));
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Path missing = directory.resolve("missing.yaml");
        assertThatThrownBy(() -> ConfigFile.read(missing, Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("missing.yaml");
    }
}
