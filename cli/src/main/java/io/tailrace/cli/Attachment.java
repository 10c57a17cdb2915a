package io.tailrace.cli;

import io.tailrace.cli.terminal.DetachKeys;
import io.tailrace.cli.terminal.Signals;
import io.tailrace.cli.terminal.Terminal;
import io.tailrace.client.ContainerProcess;
import io.tailrace.client.ErrorCode;
import io.tailrace.client.ExitReason;
import io.tailrace.client.ExitStatus;
import io.tailrace.client.Follow;
import io.tailrace.client.FollowOptions;
import io.tailrace.client.TailraceException;
import io.tailrace.client.TerminalSize;
import io.tailrace.client.TimelineRecord;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * This process in the place of a container's: its output comes out here, byte for byte and stream by stream, input and
 * signals go in, and it ends with the container's code.
 *
 * <p>The calling thread passes output on; a daemon thread of {@link InputRelay} passes input on; signals come on the virtual
 * machine's own thread.
 */
final class Attachment {
    /** So many interrupts in a row and this command ends, whatever the container does with them; as in docker. */
    private static final int INTERRUPTS_MAX = 3;

    private static final String[] PROXIED = {"INT", "TERM", "HUP", "USR1", "CONT"};

    private final StandardStreams streams;
    private final ContainerProcess process;
    private final Options options;
    private final AtomicInteger interrupts = new AtomicInteger();
    private volatile boolean isDetached;

    /**
     * How to attach.
     *
     * @param hasInput whether stdin is passed on
     * @param hasTerminal whether the process has a terminal, which this one's then becomes
     * @param detachKeys as {@link DetachKeys#parse} reads them
     * @param isSignalProxy whether signals are passed on
     * @param isOwner whether the process ends when nobody can read its output any more
     * @param isOnce whether its first exit is its end: it was just made, and nothing starts it again
     */
    record Options(
            boolean hasInput,
            boolean hasTerminal,
            String detachKeys,
            boolean isSignalProxy,
            boolean isOwner,
            boolean isOnce) {
        /** Refuses keys that are none: to be made before the process is. */
        Options {
            try {
                DetachKeys.parse(detachKeys);
            } catch (IllegalArgumentException e) {
                throw new CliException(String.valueOf(e.getMessage()));
            }
        }
    }

    Attachment(StandardStreams streams, ContainerProcess process, Options options) {
        this.streams = streams;
        this.process = process;
        this.options = options;
    }

    /** Whether the process was left running, by the detach keys. */
    boolean isDetached() {
        return isDetached;
    }

    /** The size of the terminal this runs in; null if it runs in none. */
    static @Nullable TerminalSize terminalSize(StandardStreams streams) {
        if (!streams.isInputTerminal() && !streams.isOutputTerminal()) {
            return null;
        }
        return Terminal.size(streams.isOutputTerminal() ? 1 : 0)
                .map(size -> new TerminalSize(size.columns(), size.rows()))
                .orElse(null);
    }

    /** Passes everything on until the process has ended or was left; the exit code. */
    int relay(FollowOptions from) {
        boolean isRaw = options.hasTerminal() && options.hasInput() && streams.isInputTerminal();
        try (var follow = process.follow(from);
                var raw = isRaw ? Terminal.raw(0) : null;
                var resizes = options.hasTerminal() ? Signals.handle(signal -> resize(), "WINCH") : null;
                var signals = options.isSignalProxy() && !options.hasTerminal()
                        ? Signals.handle(this::signalled, PROXIED)
                        : null) {
            if (options.hasTerminal()) {
                resize();
            }
            if (options.hasInput()) {
                startInput(follow);
            }
            return passOn(follow);
        }
    }

    private int passOn(Follow follow) {
        ExitStatus last = null;
        try {
            for (var record : follow) {
                switch (record) {
                    case TimelineRecord.Output output -> write(output);
                    case TimelineRecord.Gap gap -> streams.say(GapWords.of(gap));
                    case TimelineRecord.Exit exit -> {
                        last = exit.status();
                        // The exit of another may be that of an earlier run.
                        if (options.isOnce()) {
                            return exitCode(last);
                        }
                    }
                    default -> {}
                }
            }
        } catch (IOException e) {
            return outputBroke(e);
        } catch (TailraceException e) {
            if (isDetached && e.code() == ErrorCode.CANCELLED) {
                return ExitCodes.OK;
            }
            throw e;
        }
        // It was over before this began: the timeline had nothing more to say, but its status has.
        var exit = last == null ? process.status().exit() : last;
        if (exit == null) {
            streams.say("the process was removed without an exit");
            return ExitCodes.TAILRACE_FAILED;
        }
        return exitCode(exit);
    }

    private void write(TimelineRecord.Output output) throws IOException {
        switch (output.stream()) {
            case STDOUT -> output.writeTo(streams.out());
            case STDERR -> output.writeTo(streams.err());
        }
    }

    /** In a pipeline the writer ends with its reader; a process that was only looked at goes on. */
    private int outputBroke(IOException e) {
        if (!StandardStreams.isReaderGone(e)) {
            throw new CliException("the output cannot be written: " + e.getMessage());
        }
        if (options.isOwner()) {
            ignoringThatItIsGone(() -> process.kill("KILL"));
        }
        return ExitCodes.READER_LEFT;
    }

    private int exitCode(ExitStatus exit) {
        if (exit.reason() == ExitReason.START_FAILED) {
            streams.say(exit.message().isEmpty() ? "the container could not be started" : exit.message());
            return exit.exitCode() > 0 ? exit.exitCode() : ExitCodes.TAILRACE_FAILED;
        }
        if (exit.exitCode() < 0) {
            streams.say("how the process ended is not known: %s %s"
                    .formatted(exit.reason().words(), exit.message()));
            return ExitCodes.TAILRACE_FAILED;
        }
        return exit.exitCode();
    }

    private void startInput(Follow follow) {
        var keys = options.hasTerminal() ? DetachKeys.parse(options.detachKeys()) : DetachKeys.parse("");
        var relay = new InputRelay(streams, process, keys, () -> {
            isDetached = true;
            follow.close();
        });
        Thread.ofPlatform().daemon().name("tailrace-input").start(relay);
    }

    private void resize() {
        var size = terminalSize(streams);
        if (size != null) {
            ignoringThatItIsGone(() -> process.resize(size));
        }
    }

    private void signalled(String name) {
        if ((name.equals("INT") || name.equals("TERM")) && interrupts.incrementAndGet() >= INTERRUPTS_MAX) {
            streams.say("%d signals, and the container still runs: leaving it".formatted(INTERRUPTS_MAX));
            Runtime.getRuntime().exit(ExitCodes.SIGNALLED + (name.equals("INT") ? 2 : 15));
        }
        ignoringThatItIsGone(() -> process.kill(name));
    }

    private static void ignoringThatItIsGone(Runnable command) {
        try {
            command.run();
        } catch (TailraceException e) {
            // It may end at any moment; its exit record says so where it matters.
            return;
        }
    }
}
