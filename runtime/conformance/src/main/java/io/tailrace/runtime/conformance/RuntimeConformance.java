package io.tailrace.runtime.conformance;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/**
 * What every runtime must do, as docs/contracts/runtime.md states it. A runtime's tests extend this class and say how to
 * reach the runtime; tests of optional abilities are skipped where a runtime declares that it lacks them.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
public abstract class RuntimeConformance
        implements ContainerConformance,
                OutputConformance,
                ExitConformance,
                InputConformance,
                ExecConformance,
                NetworkConformance,
                ContentsConformance,
                RecoveryConformance,
                VolumeConformance {
    private @Nullable Bench bench;

    /** For subclasses. */
    protected RuntimeConformance() {}

    /** The runtime to test, as fresh as it can be had; called before each test. */
    protected abstract RuntimeFixture openFixture() throws Exception;

    @BeforeEach
    final void openBench() throws Exception {
        bench = new Bench(openFixture());
    }

    @AfterEach
    final void closeBench() throws Exception {
        bench().close();
    }

    @Override
    public final Bench bench() {
        return Objects.requireNonNull(bench);
    }
}
