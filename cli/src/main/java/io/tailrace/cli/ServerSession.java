package io.tailrace.cli;

import io.tailrace.client.Tailrace;
import org.jspecify.annotations.Nullable;

/**
 * A client of the server that is meant; where none was named and none runs, of one inside this process, which ends with
 * the session.
 *
 * @param own the server inside this process; null if there is another
 */
record ServerSession(Tailrace tailrace, @Nullable LocalServer own) implements AutoCloseable {
    static ServerSession open(Tool tool) {
        if (isServerThere(tool)) {
            return new ServerSession(tool.connect(), null);
        }
        tool.disconnect();
        var server = LocalServer.start();
        return new ServerSession(server.connect(), server);
    }

    /** Whether there is a server to use; one that was named counts as there, so that its absence is told. */
    static boolean isServerThere(Tool tool) {
        return tool.isServerChosen() || tool.client().isReachable();
    }

    @Override
    public void close() {
        tailrace.close();
        if (own != null) {
            own.close();
        }
    }
}
