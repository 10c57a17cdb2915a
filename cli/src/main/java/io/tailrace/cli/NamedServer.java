package io.tailrace.cli;

import io.tailrace.client.Tailrace;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which server the command line says.
 *
 * @param host as {@code --host} takes it; null: not said
 * @param context as {@code --context} takes it; null: not said
 */
record NamedServer(@Nullable String host, @Nullable String context) {
    /** As the environment says. */
    static final NamedServer NONE = new NamedServer(null, null);

    /** For a client of it. */
    Tailrace.Builder builder() {
        var builder = Tailrace.builder();
        if (host != null) {
            builder.address(host);
        }
        if (context != null) {
            builder.context(context);
        }
        return builder;
    }

    /** Whether another one says the same. Not a record's own: making that would delay the start of every command. */
    boolean isAs(NamedServer other) {
        return Objects.equals(host, other.host) && Objects.equals(context, other.context);
    }
}
