package io.tailrace.runtime.containerd;

import io.tailrace.runtime.conformance.Commands;
import io.tailrace.runtime.conformance.KernelConformance;
import io.tailrace.runtime.conformance.RuntimeFixture;
import io.tailrace.runtime.spi.ContainerRuntime;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("containerd")
@ExtendWith(ContainerdExtension.class)
class ContainerdConformanceTest extends KernelConformance {
    private final TestContainerd containerd;

    ContainerdConformanceTest(TestContainerd containerd) {
        this.containerd = containerd;
    }

    @Override
    protected RuntimeFixture openFixture() {
        return new RuntimeFixture() {
            @Override
            public ContainerRuntime open() {
                return ContainerdRuntime.connect(containerd.config);
            }

            @Override
            public String image() {
                return TestContainerd.IMAGE;
            }

            @Override
            public Commands commands() {
                return Commands.busybox();
            }

            @Override
            public void close() {
                // The containerd is shared; the extension checks that nothing was left in it.
            }
        };
    }
}
