package io.tailrace.cli;

import io.tailrace.client.Tailrace;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** One verb of the command. Returns the exit code. */
abstract class Verb implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    CommandSpec commandSpec() {
        if (spec == null) {
            throw new IllegalStateException("a verb that no command line made");
        }
        return spec;
    }

    Tool tool() {
        return (Tool) commandSpec().root().userObject();
    }

    StandardStreams streams() {
        return tool().streams();
    }

    Tailrace connect() {
        return tool().connect();
    }

    /** What the process exits with when this verb fails: 125 where other codes are the container's. */
    int failureCode() {
        return ExitCodes.FAILED;
    }
}
