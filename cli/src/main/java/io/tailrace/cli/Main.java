package io.tailrace.cli;

import io.tailrace.client.ErrorCode;
import io.tailrace.client.TailraceException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The {@code tailrace} command. */
public final class Main {
    private final Tool tool;

    private Main(Tool tool) {
        this.tool = tool;
    }

    /** Runs one verb and exits with its code. */
    public static void main(String[] args) {
        // Events that nobody records; looking for the recorder costs start-up time.
        System.setProperty("io.netty.jfr.enabled", "false");
        int code = new Main(new Tool(StandardStreams.ofProcess(), transport(args))).execute(args);
        // Halting leaves out the joining of threads that only wait for input; shutdown hooks still run.
        System.exit(code);
    }

    /**
     * Runs one verb in this process, to its end and without a terminal.
     *
     * @return its exit code
     */
    public static int run(InputStream in, OutputStream out, OutputStream err, String... args) {
        return run(new StandardStreams(in, out, err, false, false, false), args);
    }

    static int run(StandardStreams streams, String... args) {
        return new Main(new Tool(streams, Transport.onDemand())).execute(args);
    }

    private static Transport transport(String... args) {
        var verb = CommandLines.verb(args);
        if (Verbs.asksServer(verb)) {
            return Transport.ahead(CommandLines.server(args));
        }
        if (!verb.equals("server")) {
            Transport.quieten();
        }
        return Transport.onDemand();
    }

    private int execute(String... args) {
        try {
            if (args.length == 0 || CommandLines.isRootHelp(args)) {
                tool.streams().print(RootHelp.text(new Style(tool.streams().isOutputTerminal())));
                return ExitCodes.OK;
            }
            var line = CommandLines.of(tool, args);
            line.setParameterExceptionHandler(this::wrongUsage);
            line.setExecutionExceptionHandler(this::failed);
            line.setExecutionStrategy(this::runVerb);
            return line.execute(args);
        } catch (UncheckedIOException e) {
            return readerGone(e);
        } finally {
            tool.disconnect();
        }
    }

    private int runVerb(ParseResult parsed) {
        var server = tool.server();
        if (server.host() != null && server.context() != null) {
            throw new ParameterException(
                    parsed.commandSpec().commandLine(),
                    "--host %s and --context %s (expected: one of them)".formatted(server.host(), server.context()));
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    private int wrongUsage(ParameterException e, String[] args) {
        var verb = e.getCommandLine().getCommandSpec().qualifiedName();
        tool.streams().say(CommandLines.explain(e));
        var meant = CommandLines.suggestions(tool, e);
        if (!meant.isEmpty()) {
            tool.streams().say("did you mean: %s?".formatted(String.join(", ", meant)));
        }
        tool.streams().say("see '%s --help'".formatted(verb));
        return ExitCodes.TAILRACE_FAILED;
    }

    private int failed(Exception e, CommandLine line, @Nullable ParseResult parsed) {
        if (StandardStreams.isReaderGone(e)) {
            return ExitCodes.READER_LEFT;
        }
        int code = line.getCommand() instanceof Verb verb ? verb.failureCode() : ExitCodes.FAILED;
        switch (e) {
            case TailraceException failure -> {
                say(failure.getMessage(), hint(failure));
                if (code == ExitCodes.TAILRACE_FAILED) {
                    code = switch (failure.code()) {
                        case COMMAND_NOT_FOUND -> ExitCodes.NOT_FOUND;
                        case COMMAND_NOT_EXECUTABLE -> ExitCodes.NOT_EXECUTABLE;
                        default -> code;
                    };
                }
            }
            case CliException failure -> say(String.valueOf(failure.getMessage()), failure.hint());
            default -> say("failed: " + e, "set TAILRACE_DEBUG=1 to see where");
        }
        if (System.getenv("TAILRACE_DEBUG") != null) {
            e.printStackTrace(tool.streams().printStream(tool.streams().err()));
        }
        return code;
    }

    private void say(String message, String hint) {
        tool.streams().say(message);
        if (!hint.isEmpty()) {
            tool.streams().say(hint);
        }
    }

    private String hint(TailraceException failure) {
        return failure.code() == ErrorCode.UNAVAILABLE && failure.getMessage().startsWith("cannot reach the server")
                ? "start one with 'tailrace server', or say where it is with --host, --context or TAILRACE_HOST"
                : "";
    }

    private static int readerGone(UncheckedIOException e) {
        if (StandardStreams.isReaderGone(e)) {
            return ExitCodes.READER_LEFT;
        }
        throw e;
    }
}
