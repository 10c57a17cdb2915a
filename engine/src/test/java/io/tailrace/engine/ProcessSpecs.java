package io.tailrace.engine;

import io.tailrace.runtime.spi.ProcessSpec;
import java.util.List;

/** Process specs whose other values are the defaults. */
final class ProcessSpecs {
    private ProcessSpecs() {}

    static ProcessSpec of(String... command) {
        return new ProcessSpec(List.of(command), List.of(), "/", "", false, null, false, List.of(), List.of());
    }
}
