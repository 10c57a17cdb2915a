package io.tailrace.cli;

import io.tailrace.client.Container;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TailraceException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Parameters;

/** A verb that does one thing to each of several containers; one that fails does not keep it from the others. */
abstract class ContainersVerb extends Verb {
    @Parameters(arity = "1..*", paramLabel = "CONTAINER", description = "Ids, prefixes of them, or names.")
    private List<String> names = new ArrayList<>();

    List<String> names() {
        return names;
    }

    @Override
    public Integer call() {
        try (var tailrace = connect()) {
            return execute(tailrace);
        }
    }

    int execute(Tailrace tailrace) {
        int code = ExitCodes.OK;
        for (var name : names) {
            try {
                apply(tailrace.containers().get(name));
                if (isNamePrinted()) {
                    streams().println(name);
                }
            } catch (TailraceException e) {
                streams().say(e.getMessage());
                code = ExitCodes.FAILED;
            }
        }
        return code;
    }

    /** Does it. */
    abstract void apply(Container container);

    /** Whether each name is printed when it is done, as docker does. */
    boolean isNamePrinted() {
        return true;
    }
}
