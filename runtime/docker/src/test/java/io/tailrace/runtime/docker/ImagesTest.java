package io.tailrace.runtime.docker;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.Images;
import io.tailrace.runtime.spi.Images.ProgressListener;
import io.tailrace.runtime.spi.ProcessSpec;
import io.tailrace.runtime.spi.RuntimeContainer;
import java.io.ByteArrayInputStream;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("docker")
@Timeout(120)
@ExtendWith(DockerdExtension.class)
class ImagesTest {
    private final DockerRuntime runtime;
    private final Images images;

    ImagesTest(TestDockerd dockerd) {
        runtime = dockerd.connect();
        images = runtime.images();
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    private static void fails(Code code, ThrowingCallable call) {
        assertThatThrownBy(call).extracting("code").isEqualTo(code);
    }

    @Test
    void aRegistryThatCannotBeReachedIsUnavailable() {
        fails(Code.UNAVAILABLE, () -> images.pull("127.0.0.1:1/nosuch:1", ProgressListener.NONE));
    }

    @Test
    void theImageOfAContainerThatDoesNotRunIsRemovedByForceOnly() {
        var archive = new ByteArrayInputStream(TestImage.rootFileSystem());
        images.importArchive(archive, "used:1", ProgressListener.NONE);
        ProcessSpec process = ProcessSpec.of(List.of("true"));
        RuntimeContainer container = runtime.create(ContainerSpec.of(TestDockerd.newId(), "used:1", process));
        fails(Code.FAILED_PRECONDITION, () -> images.remove("used:1"));
        images.removeAnyway("used:1");
        fails(Code.NOT_FOUND, () -> images.get("used:1"));
        container.remove();
    }
}
