package io.tailrace.acceptance;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.core.ConditionTimeoutException;

/** A terminal to type into and to look at: a tmux server of its own. Closing it ends it and what runs in it. */
final class Tmux implements AutoCloseable {
    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(10);
    private static final Duration SCREEN_LIMIT = Duration.ofSeconds(30);

    private final Path socket;

    private Tmux(Path socket) {
        this.socket = socket;
    }

    /** Opens a terminal with a shell in it. */
    static Tmux open(Path socket, int columns, int rows) {
        Tmux tmux = new Tmux(socket);
        tmux.tmux(
                "-f", "/dev/null", "new-session", "-d", "-x", "" + columns, "-y", "" + rows, "env PS1='outside> ' sh");
        tmux.awaitScreen("outside>");
        return tmux;
    }

    /** Types a line. */
    void type(String line) {
        tmux("send-keys", "-l", line);
        press("Enter");
    }

    /** Presses a key by its tmux name. */
    void press(String key) {
        tmux("send-keys", key);
    }

    void resize(int columns, int rows) {
        tmux("resize-window", "-x", "" + columns, "-y", "" + rows);
    }

    /** Waits until the screen shows a text. */
    void awaitScreen(String text) {
        try {
            Waiting.until("the screen to show " + text, SCREEN_LIMIT, () -> screen().contains(text));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("the screen does not show \"%s\":%n%s".formatted(text, screen()), e);
        }
    }

    String screen() {
        return tmux("capture-pane", "-p", "-S", "-200");
    }

    @Override
    public void close() {
        tmux("kill-server");
    }

    private String tmux(String... arguments) {
        List<String> line = new ArrayList<>(List.of("tmux", "-S", socket.toString()));
        line.addAll(List.of(arguments));
        return Command.run(COMMAND_LIMIT, line).succeeded().stdout();
    }
}
