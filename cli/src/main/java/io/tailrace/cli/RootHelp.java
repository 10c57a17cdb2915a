package io.tailrace.cli;

/** The help of the command itself: the verbs by what they are for, and what to try first. */
final class RootHelp {
    private static final int NAME_WIDTH = 12;

    private RootHelp() {}

    static String text(Style style) {
        var text = new StringBuilder();
        text.append("Tailrace runs containers and delivers everything they do to everyone who watches:\n")
                .append("live, in order, exactly once, however late one comes and however slowly one reads.\n\n")
                .append(style.bold("Usage:"))
                .append(" tailrace [--host ADDRESS | --context NAME] [--token TOKEN] VERB [OPTIONS] [ARGUMENTS]\n");
        for (var group : Verbs.Group.values()) {
            text.append('\n').append(style.bold(group.title())).append('\n');
            for (var entry : Verbs.ALL) {
                if (entry.group() == group) {
                    var name = entry.name();
                    text.append("  ")
                            .append(style.cyan(name))
                            .repeat(' ', NAME_WIDTH - name.length())
                            .append(entry.summary())
                            .append('\n');
                }
            }
        }
        text.append('\n').append(style.bold("Try")).append('\n').append("""
                  tailrace demo                                 see it work
                  tailrace image busybox                        make a small image, no registry needed
                  tailrace run --rm busybox echo hello          run something
                  tailrace run -it --rm busybox                 a shell in a container
                  tailrace logs -f NAME                         follow it, from any number of terminals

                'tailrace VERB --help' explains a verb. The server is found by --host or --context, TAILRACE_HOST, the
                context in use, the local unix socket, then http://127.0.0.1:8080; TAILRACE_TOKEN is its token. NO_COLOR
                turns colours off.
                """);
        return text.toString();
    }
}
