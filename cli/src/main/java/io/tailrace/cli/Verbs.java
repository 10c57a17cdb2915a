package io.tailrace.cli;

import java.util.List;
import java.util.function.Supplier;

/** All verbs, in the order of the help. Each is made only when it is asked for: making them all would cost start-up time. */
final class Verbs {
    /** What a verb is for. */
    enum Group {
        RUN("Run"),
        WATCH("Watch"),
        CONTROL("Control"),
        IMAGES("Images"),
        VOLUMES("Volumes"),
        NETWORKS("Networks"),
        SERVER("Server");

        private final String title;

        Group(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    /** A verb. @param aliases other names for it */
    record Entry(String name, List<String> aliases, Group group, String summary, Supplier<Object> command) {
        boolean isNamed(String word) {
            return name.equals(word) || aliases.contains(word);
        }
    }

    static final List<Entry> ALL = List.of(
            entry("demo", Group.RUN, "Show what Tailrace does, in half a minute", DemoCommand::new),
            entry("run", Group.RUN, "Run a command in a new container", RunCommand::new),
            entry("exec", Group.RUN, "Run a command in a running container", ExecCommand::new),
            entry("attach", Group.RUN, "Connect to a running container", AttachCommand::new),
            entry("create", Group.RUN, "Make a container without starting it", CreateCommand::new),
            entry("start", Group.RUN, "Start containers", StartCommand::new),
            entry("logs", Group.WATCH, "Show what a container wrote, also long ago", LogsCommand::new),
            entry("ps", Group.WATCH, "List containers", PsCommand::new),
            entry("inspect", Group.WATCH, "Show everything about containers or images", InspectCommand::new),
            entry("events", Group.WATCH, "Follow what happens to all containers", EventsCommand::new),
            entry("port", Group.WATCH, "Show where a container's ports are published", PortCommand::new),
            entry("stats", Group.WATCH, "Show what containers use", StatsCommand::new),
            entry("thresholds", Group.WATCH, "Show or change when containers have alerts", ThresholdsCommand::new),
            entry("top", Group.WATCH, "Show the processes of a container", TopCommand::new),
            entry("diff", Group.WATCH, "Show what a container has changed in its image's files", DiffCommand::new),
            entry("wait", Group.WATCH, "Wait until containers have exited", WaitCommand::new),
            entry("stop", Group.CONTROL, "Stop containers", StopCommand::new),
            entry("kill", Group.CONTROL, "Send containers a signal", KillCommand::new),
            entry("pause", Group.CONTROL, "Freeze containers", PauseCommand::new),
            new Entry("resume", List.of("unpause"), Group.CONTROL, "Thaw containers", ResumeCommand::new),
            entry("restart", Group.CONTROL, "Stop containers and start them again", RestartCommand::new),
            entry("update", Group.CONTROL, "Change limits and restart policy of containers", UpdateCommand::new),
            entry("rename", Group.CONTROL, "Give a container another name", RenameCommand::new),
            entry("cp", Group.CONTROL, "Copy files into containers and out of them", CopyCommand::new),
            entry("rm", Group.CONTROL, "Remove containers", RemoveCommand::new),
            entry("prune", Group.CONTROL, "Remove containers that do not run", PruneCommand::new),
            entry("image", Group.IMAGES, "List, pull, import, remove and prune images", ImageCommand::new),
            entry("images", Group.IMAGES, "List images", ImageListCommand::new),
            entry("pull", Group.IMAGES, "Fetch an image from its registry", ImagePullCommand::new),
            entry("volume", Group.VOLUMES, "Make, list, inspect, remove and prune named volumes", VolumeCommand::new),
            entry("network", Group.NETWORKS, "Make, list, inspect, remove and prune networks", NetworkCommand::new),
            entry("server", Group.SERVER, "Run the server", ServerCommand::new),
            entry("context", Group.SERVER, "Name servers, and say which one is meant", ContextCommand::new),
            entry("info", Group.SERVER, "Show the server and how it is", InfoCommand::new),
            entry("df", Group.SERVER, "Show what takes room on the disk", DiskUsageCommand::new),
            entry(
                    "doctor",
                    Group.SERVER,
                    "Check what this machine has, and say how to get the rest",
                    DoctorCommand::new),
            entry("version", Group.SERVER, "Show versions", VersionCommand::new),
            entry("test", Group.SERVER, "Run all tests (from a source tree)", LauncherCommand.Test::new),
            entry(
                    "bench",
                    Group.SERVER,
                    "Measure against the alternatives (from a source tree)",
                    LauncherCommand.Bench::new));

    private Verbs() {}

    /** Whether a verb has nothing to do but what it asks a server for. */
    static boolean asksServer(String verb) {
        return ALL.stream()
                .anyMatch(entry -> entry.isNamed(verb) && entry.group() != Group.SERVER && !verb.equals("demo"));
    }

    private static Entry entry(String name, Group group, String summary, Supplier<Object> command) {
        return new Entry(name, List.of(), group, summary, command);
    }
}
