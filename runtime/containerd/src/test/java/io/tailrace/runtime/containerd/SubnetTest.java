package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SubnetTest {
    @Test
    void routesAreReadFromTheKernelsTable() {
        assertThat(Subnet.routed(List.of(
                        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
                        "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
                        "eth0\t0000580A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0")))
                .singleElement()
                .hasToString("10.88.0.0/16");
    }

    @Test
    void overlapsAreSeenFromBothSides() {
        Subnet wide = new Subnet((10L << 24) | (88L << 16), 16);
        Subnet narrow = new Subnet((10L << 24) | (88L << 16) | (7L << 8), 24);
        Subnet other = new Subnet((10L << 24) | (89L << 16), 24);
        assertThat(wide.overlaps(narrow)).isTrue();
        assertThat(narrow.overlaps(wide)).isTrue();
        assertThat(narrow.overlaps(other)).isFalse();
    }
}
