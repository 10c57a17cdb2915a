package io.tailrace.cli;

import io.tailrace.client.Context;
import io.tailrace.client.Contexts;
import io.tailrace.client.TailraceException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace context ls}. */
@Command(
        name = "ls",
        aliases = "list",
        header = "List contexts; * is the one in use.",
        footer = {"", "Example:", "  tailrace context ls --json"})
final class ContextListCommand extends Verb {
    @Option(
            names = {"-q", "--quiet"},
            description = "Names only.")
    private boolean isQuiet;

    @Option(names = "--json", description = "Everything about each, as JSON.")
    private boolean isJson;

    /**
     * A context, as programs see it.
     *
     * @param problem why it cannot be used; empty if it can, as far as its file says
     */
    private record Row(
            String name, @Nullable String address, @Nullable String tokenFile, boolean current, String problem) {}

    @Override
    public Integer call() {
        var contexts = Contexts.ofUser();
        var named = tool().context;
        var current = named != null ? named : contexts.current().orElse(Contexts.DEFAULT);
        var rows = new ArrayList<Row>();
        rows.add(new Row(Contexts.DEFAULT, null, null, current.equals(Contexts.DEFAULT), ""));
        contexts.names().forEach(name -> rows.add(row(contexts, name, current.equals(name))));
        if (isJson) {
            streams().println(Json.pretty(rows));
        } else if (isQuiet) {
            rows.forEach(row -> streams().println(row.name()));
        } else {
            streams().print(table(rows));
        }
        return ExitCodes.OK;
    }

    private static Row row(Contexts contexts, String name, boolean isCurrent) {
        try {
            Context context = contexts.get(name);
            var file = context.tokenFile();
            return new Row(name, context.address(), file == null ? null : file.toString(), isCurrent, "");
        } catch (TailraceException e) {
            return new Row(name, null, null, isCurrent, String.valueOf(e.getMessage()));
        }
    }

    private static String table(List<Row> rows) {
        var table = new Table("CONTEXT", "ADDRESS", "TOKEN FILE");
        for (var row : rows) {
            var address = row.address() == null ? "the local server" : row.address();
            table.row(
                    row.current() ? row.name() + " *" : row.name(),
                    row.problem().isEmpty() ? address : row.problem(),
                    row.tokenFile() == null ? "" : row.tokenFile());
        }
        return table.toString();
    }
}
