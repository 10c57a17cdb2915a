package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import org.junit.jupiter.api.Test;

class ImagePullTest {
    @Test
    void aRegistrysPortIsNotTakenForAStatus() {
        String reference = "127.0.0.1:40321/denied:latest";
        assertThat(ImagePull.code(reference, "ctr: failed to resolve reference: " + reference + ": not found"))
                .isEqualTo(Code.NOT_FOUND);
        assertThat(ImagePull.code(reference, "ctr: dial tcp 127.0.0.1:40321: connection refused"))
                .isEqualTo(Code.UNAVAILABLE);
        assertThat(ImagePull.code(reference, "ctr: unexpected status code: 403 Forbidden"))
                .isEqualTo(Code.PERMISSION_DENIED);
    }
}
