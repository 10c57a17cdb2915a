package io.tailrace.runtime.conformance;

import java.io.IOException;

/** What a scripted process does. Runs on a thread of its own, which is interrupted when the process is ended. */
@FunctionalInterface
public interface Script {
    /**
     * Runs.
     *
     * @return the exit code, 0 to 255
     */
    int run(ScriptedProcess process) throws IOException, InterruptedException;
}
