package io.tailrace.server.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InFlightTest {
    @Test
    void clientsThatAreBehindShareEquallyAndAloneTheyGetNoMoreThanHelps() {
        var inFlight = new InFlight(4L * InFlight.SHARE_BYTES_MAX);
        assertThat(inFlight.shareBytes()).isEqualTo(InFlight.SHARE_BYTES_MAX);
        for (int i = 0; i < 8; i++) {
            inFlight.enter();
        }
        assertThat(inFlight.shareBytes()).isEqualTo(InFlight.SHARE_BYTES_MAX / 2);
        for (int i = 0; i < 4; i++) {
            inFlight.leave();
        }
        assertThat(inFlight.shareBytes()).isEqualTo(InFlight.SHARE_BYTES_MAX);
    }
}
