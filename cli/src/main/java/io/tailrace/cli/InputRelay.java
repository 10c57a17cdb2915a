package io.tailrace.cli;

import io.tailrace.cli.terminal.DetachKeys;
import io.tailrace.client.ContainerProcess;
import io.tailrace.client.ErrorCode;
import io.tailrace.client.TailraceException;
import java.io.IOException;

/** Passes this process's stdin on to a container's until it ends, the detach keys are typed, or the container is gone. */
final class InputRelay implements Runnable {
    private static final int BUFFER_BYTES = 65_536;

    private final StandardStreams streams;
    private final ContainerProcess process;
    private final DetachKeys keys;
    private final Runnable detach;

    /** @param detach called when the detach keys were typed */
    InputRelay(StandardStreams streams, ContainerProcess process, DetachKeys keys, Runnable detach) {
        this.streams = streams;
        this.process = process;
        this.keys = keys;
        this.detach = detach;
    }

    @Override
    public void run() {
        var buffer = new byte[BUFFER_BYTES];
        // Not closed when it fails: what broke may be the server's connection, not the user's wish to write.
        var stdin = process.stdin();
        try {
            while (true) {
                int count = streams.in().read(buffer);
                if (count < 0) {
                    stdin.close();
                    return;
                }
                stdin.write(keys.take(buffer, count));
                if (keys.isDetached()) {
                    stdin.detach();
                    detach.run();
                    return;
                }
            }
        } catch (IOException e) {
            boolean isGone = e.getCause() instanceof TailraceException failure
                    && (failure.code() == ErrorCode.FAILED_PRECONDITION || failure.code() == ErrorCode.NOT_FOUND);
            if (!isGone) {
                streams.say(String.valueOf(e.getMessage()));
            }
        }
    }
}
