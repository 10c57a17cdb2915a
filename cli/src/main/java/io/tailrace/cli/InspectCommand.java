package io.tailrace.cli;

import io.tailrace.client.ErrorCode;
import io.tailrace.client.Tailrace;
import io.tailrace.client.TailraceException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace inspect}. */
@Command(
        name = "inspect",
        header = "Show everything about containers or images, as a JSON array.",
        footer = {"", "Examples:", "  tailrace inspect web", "  tailrace inspect web | jq '.[0].status'"})
final class InspectCommand extends Verb {
    @SuppressWarnings("UnusedVariable")
    @Option(names = "--json", description = "As it is anyway.")
    private boolean isJson;

    @Option(names = "--type", paramLabel = "TYPE", description = "container or image (default: whichever there is).")
    private String type = "";

    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Containers, or images.")
    private List<String> names = new ArrayList<>();

    @Override
    public Integer call() {
        int code = ExitCodes.OK;
        List<Object> found = new ArrayList<>();
        try (var tailrace = connect()) {
            for (var name : names) {
                try {
                    found.add(find(tailrace, name));
                } catch (TailraceException e) {
                    streams().say(e.getMessage());
                    code = ExitCodes.FAILED;
                }
            }
        }
        streams().println(Json.pretty(found));
        return code;
    }

    private Object find(Tailrace tailrace, String name) {
        if (type.equals("image")) {
            return tailrace.images().get(name);
        }
        try {
            return tailrace.containers().get(name).inspect();
        } catch (TailraceException e) {
            if (e.code() != ErrorCode.NOT_FOUND || type.equals("container")) {
                throw e;
            }
            try {
                return tailrace.images().get(name);
            } catch (TailraceException notAnImageEither) {
                throw e;
            }
        }
    }
}
