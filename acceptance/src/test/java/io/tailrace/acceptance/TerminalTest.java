package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** An interactive shell in a container, used by hand in a terminal. */
@Acceptance
class TerminalTest {
    /** What busybox's shell says first: only then does it read what is typed. */
    private static final String BANNER = "built-in shell";

    private final TailraceServerProcess server;

    TerminalTest(TailraceServerProcess server) {
        this.server = server;
    }

    @Test
    void anInteractiveShellFollowsTheWindowAndGivesTheTerminalBack() {
        try (Tmux terminal = Tmux.open(server.shared().resolve("tmux"), 100, 30)) {
            terminal.type("stty -a >" + server.shared().resolve("before"));
            terminal.type(shell("run", "-it", "--rm", "--network", "none", "busybox", "sh"));
            terminal.awaitScreen(BANNER);
            terminal.type("stty size");
            terminal.awaitScreen("30 100");

            terminal.resize(120, 40);
            // The size arrives some time after the window has changed.
            terminal.type("until [ \"$(stty size)\" = '40 120' ]; do sleep 0.05; done; echo now $(stty size)");
            terminal.awaitScreen("now 40 120");

            terminal.type("sleep 600");
            terminal.press("C-c");
            terminal.type("echo interrupted=$?");
            terminal.awaitScreen("interrupted=130");

            terminal.type("exit 9");
            terminal.awaitScreen("code=9");
            assertTerminalIsAsBefore(terminal);
        }
    }

    @Test
    void anExecHasATerminalOfItsOwn() {
        String id = server.api().run("exec sleep 600").getId();
        try (Tmux terminal = Tmux.open(server.shared().resolve("tmux"), 90, 25)) {
            terminal.type(shell("exec", "-it", id, "sh"));
            terminal.awaitScreen(BANNER);
            terminal.type("tty; stty size");
            terminal.awaitScreen("25 90");
            assertThat(terminal.screen()).contains("/dev/pts/");
            terminal.press("C-d");
            terminal.awaitScreen("code=0");
        }
        server.api().remove(id);
    }

    @Test
    void theDetachKeysLeaveTheContainerRunning() {
        try (Tmux terminal = Tmux.open(server.shared().resolve("tmux"), 100, 30)) {
            terminal.type("stty -a >" + server.shared().resolve("before"));
            terminal.type(shell("run", "-it", "--name", "detached", "--network", "none", "busybox", "sh"));
            terminal.awaitScreen(BANNER);
            terminal.press("C-p");
            terminal.press("C-q");
            terminal.awaitScreen("code=0");
            assertTerminalIsAsBefore(terminal);
            assertThat(server.api().get("detached").getStatus().getState()).isEqualTo("running");

            terminal.type(shell("attach", "detached"));
            terminal.type("echo again; exit 4");
            terminal.awaitScreen("again");
            terminal.awaitScreen("code=4");
        }
        server.api().remove("detached");
    }

    private void assertTerminalIsAsBefore(Tmux terminal) {
        terminal.type("stty -a >" + server.shared().resolve("after"));
        // The size is the window's, which the test has changed.
        terminal.type(
                "cd " + server.shared() + "; sed -i 's/^speed.*//' before after; cmp before after && echo re''stored");
        terminal.awaitScreen("restored");
    }

    /** A line for the shell outside, which also says the exit code. */
    private String shell(String... arguments) {
        List<String> line = server.commandLine(arguments);
        return line.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" ")) + "; echo code=$?";
    }
}
