package io.tailrace.cli;

/** Colours, only where they are wanted: on a terminal, unless NO_COLOR is set (https://no-color.org). */
final class Style {
    private final boolean isColoured;

    Style(boolean isTerminal) {
        var refused = System.getenv("NO_COLOR");
        this.isColoured = isTerminal && (refused == null || refused.isEmpty()) && !"dumb".equals(System.getenv("TERM"));
    }

    boolean isColoured() {
        return isColoured;
    }

    String bold(String text) {
        return code("1", text);
    }

    String faint(String text) {
        return code("2", text);
    }

    String red(String text) {
        return code("31", text);
    }

    String green(String text) {
        return code("32", text);
    }

    String yellow(String text) {
        return code("33", text);
    }

    String cyan(String text) {
        return code("36", text);
    }

    private String code(String code, String text) {
        return isColoured ? "\033[" + code + "m" + text + "\033[0m" : text;
    }
}
