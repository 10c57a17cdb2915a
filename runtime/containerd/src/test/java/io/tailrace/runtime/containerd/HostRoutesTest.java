package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.runtime.spi.Subnet;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostRoutesTest {
    @Test
    void routesAreReadFromTheKernelsTable() {
        assertThat(HostRoutes.subnets(List.of(
                        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
                        "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
                        "eth0\t0000580A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0")))
                .singleElement()
                .hasToString("10.88.0.0/16");
    }

    @Test
    void overlapsAreSeenFromBothSides() {
        Subnet wide = Subnet.parse("10.88.0.0/16");
        Subnet narrow = Subnet.parse("10.88.7.0/24");
        Subnet other = Subnet.parse("10.89.0.0/24");
        assertThat(wide.overlaps(narrow)).isTrue();
        assertThat(narrow.overlaps(wide)).isTrue();
        assertThat(narrow.overlaps(other)).isFalse();
    }

    @Test
    void aNetworkGetsASubnetThatIsNotTaken() {
        List<Subnet> taken = List.of(Subnet.parse("10.95.255.0/24"), Subnet.parse("10.89.0.0/23"));
        assertThat(HostRoutes.forNetwork(taken, 7 * 256 - 1).orElseThrow()).hasToString("10.89.2.0/24");
        assertThat(HostRoutes.forNetwork(List.of(Subnet.parse("10.0.0.0/8")), 5))
                .isEmpty();
    }
}
