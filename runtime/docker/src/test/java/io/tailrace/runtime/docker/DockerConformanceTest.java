package io.tailrace.runtime.docker;

import io.tailrace.runtime.conformance.Commands;
import io.tailrace.runtime.conformance.KernelConformance;
import io.tailrace.runtime.conformance.RuntimeFixture;
import io.tailrace.runtime.spi.ContainerRuntime;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("docker")
@ExtendWith(DockerdExtension.class)
class DockerConformanceTest extends KernelConformance {
    private final TestDockerd dockerd;

    DockerConformanceTest(TestDockerd dockerd) {
        this.dockerd = dockerd;
    }

    @Override
    protected RuntimeFixture openFixture() {
        return new RuntimeFixture() {
            @Override
            public ContainerRuntime open() {
                return dockerd.connect();
            }

            @Override
            public String image() {
                return TestDockerd.IMAGE;
            }

            @Override
            public Commands commands() {
                return Commands.busybox();
            }

            @Override
            public void close() {
                // The engine is shared; the extension checks that nothing was left in it.
            }
        };
    }
}
