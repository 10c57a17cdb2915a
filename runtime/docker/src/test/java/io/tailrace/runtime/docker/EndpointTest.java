package io.tailrace.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
    @Test
    void anAddressIsTakenForAnother() {
        assertThat(Endpoint.parse("/run/docker.sock").address())
                .isEqualTo(UnixDomainSocketAddress.of("/run/docker.sock"));
        assertThat(Endpoint.parse("unix:///run/docker.sock")).isEqualTo(Endpoint.parse("/run/docker.sock"));
        assertThat(Endpoint.parse("tcp://127.0.0.1:2375").address())
                .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 2375));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "unix://",
                "unix://docker.sock",
                "docker.sock",
                "tcp://host",
                "tcp://host:70000",
                "https://host:1"
            })
    void whatIsNoAddressIsNotRefused(String text) {
        assertThatThrownBy(() -> Endpoint.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected");
    }

    @ParameterizedTest
    @CsvSource({
        "busybox, docker.io/library/busybox:latest",
        "busybox:1, docker.io/library/busybox:1",
        "me/app, docker.io/me/app:latest",
        "docker.io/busybox, docker.io/library/busybox:latest",
        "localhost:5000/app:1, localhost:5000/app:1",
        "localhost/no-such-image:1, localhost/no-such-image:1"
    })
    void anImageIsNamedOtherwiseThanByDocker(String reference, String full) {
        assertThat(ImageName.parse(reference)).hasToString(full);
    }
}
