package io.tailrace.runtime.conformance;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The scripted runtime is held to the suite, with named pipes of the kernel. */
class ScriptedRuntimeWithFifosTest extends RuntimeConformance {
    @TempDir
    Path directory;

    @Override
    protected RuntimeFixture openFixture() {
        return new ScriptedRuntimeTest.ScriptedFixture(ScriptedRuntime.openWithFifos(directory));
    }
}
