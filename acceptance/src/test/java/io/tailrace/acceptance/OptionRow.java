package io.tailrace.acceptance;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.ContainerSpec;
import io.tailrace.api.v1.RemoveContainerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A row of the table of options: an option, a container that is asked for it, and what is seen of it where it holds.
 *
 * @param option its name, for people
 * @param spec asks for it
 * @param script that the container runs
 * @param seen what is to be looked at while it runs, or when it has ended
 * @param expected of that, where the option holds
 */
record OptionRow(String option, UnaryOperator<ContainerSpec.Builder> spec, String script, Seen seen, String expected) {
    static final java.time.Duration LIMIT = java.time.Duration.ofSeconds(60);

    /** What is looked at. */
    @FunctionalInterface
    interface Seen {
        String of(TailraceServerProcess server, String id) throws Exception;
    }

    /**
     * "yes", or the error with which it is refused; empty if this machine does not let it be seen.
     *
     * @throws AssertionError if it is neither refused nor there
     */
    String on(TailraceServerProcess server) throws Exception {
        Container container;
        try {
            container = server.api().run(script, spec);
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
                return "UNSUPPORTED: `"
                        + String.valueOf(e.getStatus().getDescription()).replace("|", "/") + "`";
            }
            if (String.valueOf(e.getStatus().getDescription()).contains("unable to apply caps")) {
                return ""; // an engine gives the privileged all capabilities, and this machine has not all
            }
            throw new AssertionError(option + ": " + e.getMessage(), e);
        }
        try {
            String actual = seen.of(server, container.getId());
            if (!actual.equals(expected)) {
                throw new AssertionError("%s: %s (expected: %s)".formatted(option, actual, expected));
            }
            return "yes";
        } finally {
            remove(server, container.getId());
        }
    }

    /** With the volumes that were made for it; unless it is gone already. */
    private static void remove(TailraceServerProcess server, String id) {
        try {
            if (!server.api().get(id).getStatus().getState().equals("removed")) {
                server.api()
                        .containers()
                        .remove(RemoveContainerRequest.newBuilder()
                                .setContainer(id)
                                .setForce(true)
                                .setVolumes(true)
                                .build());
            }
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
                throw e;
            }
        }
    }

    /** What the process writes to stdout. */
    static OptionRow row(String option, UnaryOperator<ContainerSpec.Builder> spec, String script, String expected) {
        return row(
                option,
                spec,
                script,
                (server, id) -> server.api().follow(id, "").stdoutText().strip(),
                expected);
    }

    static OptionRow row(
            String option, UnaryOperator<ContainerSpec.Builder> spec, String script, Seen seen, String expected) {
        return new OptionRow(option, spec, script, seen, expected);
    }

    /** Lines as words of one. */
    static String line(String text) {
        return text.replace('\n', ' ').strip();
    }

    /** All, in the order of the table. */
    static List<OptionRow> all(OptionPlace place) {
        List<OptionRow> all = new ArrayList<>();
        all.addAll(ProcessOptions.all());
        all.addAll(NetworkOptions.all(place));
        all.addAll(MountOptions.all(place));
        all.addAll(LifecycleOptions.all());
        return all;
    }
}
