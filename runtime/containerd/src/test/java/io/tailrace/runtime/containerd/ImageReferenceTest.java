package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
    private static final String DIGEST = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    @ParameterizedTest
    @CsvSource({
        "busybox, docker.io/library/busybox:latest",
        "busybox:1.36, docker.io/library/busybox:1.36",
        "team/app, docker.io/team/app:latest",
        "docker.io/busybox, docker.io/library/busybox:latest",
        "index.docker.io/busybox, docker.io/library/busybox:latest",
        "quay.io/a/b/c:X.y-z, quay.io/a/b/c:X.y-z",
        "localhost/app, localhost/app:latest",
        "localhost:5000/app:1, localhost:5000/app:1",
        "127.0.0.1:5000/app, 127.0.0.1:5000/app:latest",
        "[::1]:5000/app, [::1]:5000/app:latest",
        "busybox@" + DIGEST + ", docker.io/library/busybox@" + DIGEST,
        "busybox:1@" + DIGEST + ", docker.io/library/busybox:1@" + DIGEST,
    })
    void whatUsersTypeIsCompleted(String typed, String full) {
        assertThat(ImageReference.parse(typed)).hasToString(full);
        assertThat(ImageReference.parse(full)).isEqualTo(ImageReference.parse(typed));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "UPPER",
                "a b",
                "-a",
                "a:",
                "a/",
                "/a",
                "a//b",
                "a@sha256:12",
                "a:tag:tag",
                "../../etc/passwd",
                "$(id)",
                "-v/evil.example/a"
            })
    void whatIsNoReferenceIsRefused(String typed) {
        LifecycleTest.assertCode(Code.INVALID_ARGUMENT, () -> ImageReference.parse(typed))
                .hasMessageContaining("image reference");
    }

    @ParameterizedTest
    @CsvSource({"localhost/a, true", "127.0.0.1:5/a, true", "[::1]:5000/a, true", "quay.io/a, false", "a, false"})
    void onlyThisMachinesRegistriesAreSpokenToWithoutEncryption(String typed, boolean isLocal) {
        assertThat(ImageReference.parse(typed).isLocal()).isEqualTo(isLocal);
    }
}
