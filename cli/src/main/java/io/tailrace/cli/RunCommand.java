package io.tailrace.cli;

import io.tailrace.client.Container;
import io.tailrace.client.ContainerSpec;
import io.tailrace.client.FollowOptions;
import io.tailrace.client.WaitCondition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tailrace run}. */
@Command(
        name = "run",
        header = "Run a command in a new container.",
        description = {
            "",
            "Its stdout and stderr come out as this command's, byte for byte, and it ends with the container's exit code; "
                    + "125 if Tailrace failed, 126 if the command cannot be executed, 127 if it was not found, 128 + n if "
                    + "signal n ended it. Options end at the image: what follows belongs to the command.",
            "",
            "Without a running server, one is started for as long as the container runs."
        },
        footer = {
            "",
            "Examples:",
            "  tailrace run --rm busybox echo hello",
            "  tailrace run -it --rm busybox                       a shell; ctrl-p ctrl-q leaves it running",
            "  echo data | tailrace run -i --rm busybox wc -c      stdin ends where ours ends",
            "  tailrace run -d --name web -m 64m busybox httpd -f  in the background; see 'tailrace logs -f web'"
        })
final class RunCommand extends Verb {
    private static final Duration REMOVAL_TIMEOUT = Duration.ofSeconds(15);

    @Mixin
    private ContainerFlags flags = new ContainerFlags();

    @Option(
            names = {"-d", "--detach"},
            description = "Run in the background and print the id.")
    private boolean isDetached;

    @Option(names = "--pull", paramLabel = "WHEN", description = "missing (default), always or never.")
    private ImageArrival.Pull pull = ImageArrival.Pull.MISSING;

    @Option(
            names = {"-q", "--quiet"},
            description = "Say nothing while pulling.")
    private boolean isQuiet;

    @Option(names = "--sig-proxy", paramLabel = "BOOL", description = "Pass signals on without -t (default: true).")
    private boolean isSignalProxy = true;

    @Option(names = "--detach-keys", paramLabel = "KEYS", description = "Keys that leave it (default: ctrl-p,ctrl-q).")
    private String detachKeys = "ctrl-p,ctrl-q";

    @Parameters(index = "0", paramLabel = "IMAGE", description = "Reference or id of an image.")
    private String image = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "COMMAND",
            description = "What to run instead of the image's.")
    private List<String> command = new ArrayList<>();

    @Override
    int failureCode() {
        return ExitCodes.TAILRACE_FAILED;
    }

    @Override
    public Integer call() {
        if (!isDetached
                && flags.hasTerminal()
                && flags.isInteractive()
                && !streams().isInputTerminal()) {
            throw new CliException("-t: stdin is no terminal", "leave out -t, or run it in a terminal");
        }
        if (isDetached && !ServerSession.isServerThere(tool())) {
            throw new CliException(
                    "no server runs here, and a container in the background needs one that stays",
                    "start it with 'tailrace server', then repeat the command");
        }
        var options = new Attachment.Options(
                flags.isInteractive(), flags.hasTerminal(), detachKeys, isSignalProxy, true, !flags.isRestarted());
        var terminal = flags.hasTerminal() ? Attachment.terminalSize(streams()) : null;
        var spec = flags.spec(image, command, terminal);
        try (var session = ServerSession.open(tool())) {
            return run(session, spec, options);
        }
    }

    private int run(ServerSession session, ContainerSpec spec, Attachment.Options options) {
        Container container = new ImageArrival(session.tailrace(), streams(), pull, isQuiet).make(image, spec, true);
        if (isDetached) {
            streams().println(container.id());
            return ExitCodes.OK;
        }
        var attachment = new Attachment(streams(), container, options);
        int code = attachment.relay(new FollowOptions());
        if (session.own() != null) {
            beforeItsServerEnds(container, attachment.isDetached());
        }
        return code;
    }

    private void beforeItsServerEnds(Container container, boolean isLeftRunning) {
        if (isLeftRunning) {
            streams().say("the container runs on without a server; 'tailrace server' takes it over");
        } else if (flags.isAutoRemove()) {
            // The server does that in its own time, of which there is no more.
            container.waitFor(WaitCondition.REMOVED, REMOVAL_TIMEOUT);
        }
    }
}
